using System.Text;
using Xunit;

namespace WgMonitor.Collector.Tests;

public class HostNameTests
{
    private static string? Normalize(string host, params string[] domains)
    {
        Span<byte> normalized = stackalloc byte[HostName.BytesMax];
        byte[][] suffixes = [.. domains.Select(CollectorOptions.DomainSuffix)];
        return HostName.TryNormalize(TestPipeline.Bytes(host), suffixes, normalized, out var length) ? Encoding.ASCII.GetString(normalized[..length]) : null;
    }

    [Theory]
    [InlineData("VPN-01", "vpn-01")]
    [InlineData("vpn_01.Example.ORG.", "vpn_01.example.org")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:0DB8::0001", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("fe80::1%eth0", "fe80::1")]
    public void Spellings_of_one_host_are_one(string host, string expected) => Assert.Equal(expected, Normalize(host));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a%b")]
    [InlineData("\u00e4")]
    [InlineData("a\tb")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    public void What_could_mean_something_in_a_key_is_no_host(string host) => Assert.Null(Normalize(host));

    [Theory]
    [InlineData("vpn-01.example.org", "vpn-01")]
    [InlineData("VPN-01.EXAMPLE.ORG.", "vpn-01")]
    [InlineData("vpn-01.example.org.evil", "vpn-01.example.org.evil")]
    [InlineData("example.org", "example.org")]
    [InlineData("vpn-01.sub.example.org", "vpn-01")]
    public void Listed_domains_are_cut_off(string host, string expected) => Assert.Equal(expected, Normalize(host, "sub.example.org", "Example.org"));
}
