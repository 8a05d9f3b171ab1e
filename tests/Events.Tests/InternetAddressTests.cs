using System.Net;
using System.Text;
using CsCheck;
using Xunit;

namespace WgMonitor.Events.Tests;

public class InternetAddressTests
{
    private static bool Parses(string text, out InternetAddress address) => InternetAddress.TryParse(Encoding.UTF8.GetBytes(text), out address);

    [Theory]
    [InlineData("203.0.113.5", "203.0.113.5")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("fd09:0000:0000:0000:0000:0000:0000:0077", "fd09::77")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("1:0:0:2:3:0:0:4", "1::2:3:0:0:4")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8")]
    [InlineData("::ffff:203.0.113.5", "203.0.113.5")]
    [InlineData("::ffff:cb00:7105", "203.0.113.5")]
    [InlineData("fe80::5efe:192.0.2.1", "fe80::5efe:c000:201")]
    [InlineData("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    public void An_address_has_one_canonical_text(string text, string canonical)
    {
        Assert.True(Parses(text, out var address));
        Assert.Equal(canonical, address.ToString());
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("256.1.1.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f000001")]
    [InlineData("1")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.")]
    [InlineData("١.2.3.4")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1::2::3")]
    [InlineData(":::")]
    [InlineData("2001:db8:::1")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1%eth0")]
    [InlineData("1:2:3:4:5:6:7:192.0.2.1")]
    [InlineData("::192.0.2.256")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("")]
    public void What_is_no_address_in_the_kernels_form_is_refused(string text) => Assert.False(Parses(text, out _));

    [Fact]
    public void Every_ipv6_address_is_printed_as_the_framework_does_and_read_back()
    {
        var sparse = Gen.Select(Gen.UShort, Gen.Bool, (group, zero) => zero ? (ushort)0 : group).Array[8];
        sparse.Sample(groups =>
        {
            var bits = groups.Aggregate(UInt128.Zero, (all, group) => all << 16 | group);
            var address = InternetAddress.FromV6(bits);
            var text = address.ToString();
            Assert.True(Parses(text, out var back), text);
            Assert.Equal(address, back);
            Assert.Equal(bits >> 32 == 0xffff ? IPAddress.Parse(text).MapToIPv6() : IPAddress.Parse(text), new IPAddress(groups.SelectMany(group => new[] { (byte)(group >> 8), (byte)group }).ToArray()));
            Assert.True(InternetAddress.TryParse(Encoding.ASCII.GetBytes(string.Join(':', groups.Select(group => $"{group:x4}"))), out var full));
            Assert.Equal(address, full);
        });
    }

    [Theory]
    [InlineData("192.0.2.2:51821", "192.0.2.2:51821")]
    [InlineData("[2001:db8::2]:51821/0%0", "[2001:db8::2]:51821")]
    [InlineData("[2001:db8::2]:51821/7%3", "[2001:db8::2]:51821")]
    [InlineData("[fe80::1]:51820/0%3", "[fe80::1%3]:51820")]
    [InlineData("[fe80::1%3]:51820", "[fe80::1%3]:51820")]
    [InlineData("[::ffff:203.0.113.5]:51820/0%0", "203.0.113.5:51820")]
    [InlineData("(einval)", "")]
    [InlineData("(invalid address)", "")]
    public void An_endpoint_has_one_canonical_text(string text, string canonical)
    {
        Assert.True(PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out var endpoint));
        Assert.Equal(canonical, endpoint.ToString());
        Assert.Equal(canonical.Length == 0, endpoint.IsNone);
    }

    [Theory]
    [InlineData("192.0.2.2")]
    [InlineData("192.0.2.2:")]
    [InlineData("192.0.2.2:65536")]
    [InlineData("192.0.2.2:080")]
    [InlineData("[2001:db8::2]")]
    [InlineData("[2001:db8::2]:51821/")]
    [InlineData("[2001:db8::2]:51821/0%")]
    [InlineData("[2001:db8::2]:51821/0%4294967296")]
    [InlineData("2001:db8::2:51821")]
    [InlineData("(einval")]
    [InlineData("")]
    public void What_is_no_endpoint_in_the_kernels_form_is_refused(string text) => Assert.False(PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
