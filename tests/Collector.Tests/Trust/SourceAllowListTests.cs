using System.Text;
using WgMonitor.Collector.Trust;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests.Trust;

public class SourceAllowListTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0 192.0.2.255", "192.0.1.255 192.0.3.0 2001:db8::1")]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.6 192.0.2.8")]
    [InlineData("192.0.2.7/32", "192.0.2.7", "192.0.2.6")]
    [InlineData("0.0.0.0/0", "0.0.0.1 255.255.255.254", "::1 2001:db8::1")]
    [InlineData("128.0.0.0/1", "128.0.0.0 255.0.0.1", "127.255.255.255")]
    [InlineData("2001:db8::/32", "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:: 2001:db9:: 32.1.13.184")]
    [InlineData("2001:db8::1", "2001:db8::1", "2001:db8::2")]
    [InlineData("::/0", "::1 ffff::", "192.0.2.1")]
    public void A_network_allows_what_lies_in_it(string network, string allowed, string others)
    {
        var list = SourceAllowList.Of([network]);

        Assert.All(allowed.Split(' '), address => Assert.True(list.Allows(Parse(address)), address));
        Assert.All(others.Split(' '), address => Assert.False(list.Allows(Parse(address)), address));
    }

    [Theory]
    [InlineData("192.0.2.1/24", "a network; did you mean \"192.0.2.0/24\"")]
    [InlineData("2001:db8::1/32", "a network; did you mean \"2001:db8::/32\"")]
    [InlineData("192.0.2.0/33", "an address or a network like")]
    [InlineData("192.0.2.0/-1", "an address or a network like")]
    [InlineData("192.0.2.0/", "an address or a network like")]
    [InlineData("192.0.2", "an address or a network like")]
    [InlineData("vpn-01", "an address or a network like")]
    [InlineData("", "an address or a network like")]
    public void What_is_no_network_is_told(string text, string expected)
    {
        Assert.False(SourceAllowList.TryParse(text, out _, out var told));
        Assert.StartsWith(expected, told);
    }

    private static InternetAddress Parse(string text) => InternetAddress.TryParse(Encoding.ASCII.GetBytes(text), out var address) ? address : throw new FormatException(text);
}
