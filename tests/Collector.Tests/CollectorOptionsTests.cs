using WgMonitor.Hosting;
using Xunit;

namespace WgMonitor.Collector.Tests;

public class CollectorOptionsTests
{
    private static string[] Mistakes(string toml)
    {
        var error = Record.Exception(() => { using var app = (IDisposable)WgMonitorHost.Build(ConfigurationDocument.Parse(toml), CollectorRegistration.Module); });
        return error is ConfigurationException mistakes ? [.. mistakes.Problems.Select(problem => problem.ToString())] : [];
    }

    [Fact]
    public void The_defaults_are_sound() => Assert.Empty(Mistakes(""));

    [Theory]
    [InlineData("[collector]\nsyslog = \"strict\"\n[[collector.listen]]\naddress = \"127.0.0.1:9999\"")]
    [InlineData("[collector]\nsyslog = \"strict\"\nallow = [\"192.0.2.0/24\"]\n[[collector.listen]]\naddress = \"[::]:9999\"")]
    [InlineData("[collector]\n[[collector.listen]]\naddress = \"[::]:9999\"\nhost_from = \"source\"")]
    [InlineData("[collector]\ninventory = \"strict\"\n[[collector.host]]\nname = \"VPN-01\"\ninterfaces = [\"wg0\"]")]
    public void A_sound_configuration_is_taken(string toml) => Assert.Empty(Mistakes(toml));

    [Theory]
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"", "collector.listen[0].certificate: is required for protocol tls")]
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"\ncertificate = \"a.pem\"", "config.toml:3:15 collector.listen[0].certificate: is for protocol tls and relp (got \"a.pem\"). Use \"tls\" instead of \"tcp\".")]
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"\nsockets = 2", "collector.listen[0].sockets: is for protocol udp (got 2)")]
    [InlineData("[[collector.listen]]\nsockets = 17", "collector.listen[0].sockets: must be between")]
    [InlineData("[[collector.listen]]\nprotocol = \"relp\"\nframing = \"lines\"", "collector.listen[0].framing: is for protocol tcp and tls")]
    [InlineData("[[collector.listen]]\nprotocol = \"relp\"\nclient_certificate = \"require\"\nclient_ca = \"a.pem\"", "collector.listen[0].client_certificate: needs a certificate of the server")]
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"\ncertificate = \"a.pem\"\nclient_certificate = \"require\"", "collector.listen[0].client_ca: is required with client_certificate")]
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"\ncertificate = \"a.pem\"\nclient_ca = \"b.pem\"", "collector.listen[0].client_certificate: is none, so client_ca and client_crl have no effect")]
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"\ntrusted_proxies = [\"10.0.0.0/33\"]", "collector.listen[0].trusted_proxies: \"10.0.0.0/33\" is not an address or a network like")]
    [InlineData("[[collector.listen]]\nprotocol = \"udp\"\n[[collector.listen]]\nprotocol = \"relp\"\naddress = \"[::]:70\"\n[[collector.listen]]\nprotocol = \"tcp\"\naddress = \"[::]:70\"", "collector.listen: [::]:70 is listed twice")]
    [InlineData("[collector]\nretry_pause_min = \"5s\"", "collector.retry_pause_max: must not be shorter than retry_pause_min")]
    [InlineData("[collector]\nbuffer_events_max = 10", "collector.buffer_events_max: must not be smaller than batch_events_max")]
    [InlineData("[collector]\ninterfaces = [\"wg/0\"]", "collector.interfaces: \"wg/0\" is no device name")]
    [InlineData("[collector]\nskew_max = \"4000d\"", "collector.skew_max: must be between")]
    [InlineData("[[collector.listen]]\nmessage_bytes_max = \"100B\"", "collector.listen[0].message_bytes_max: must be between")]
    [InlineData("[[collector.listen]]\naddress = \"127.0.0.1:9999\"\n[[collector.listen]]\naddress = \"127.0.0.1:9999\"", "collector.listen: 127.0.0.1:9999 is listed twice")]
    [InlineData("[collector]\nallow = [\"192.0.2.1/24\"]", "config.toml:2:9 collector.allow: \"192.0.2.1/24\" is not a network; did you mean \"192.0.2.0/24\"")]
    [InlineData("[collector]\nallow = [\"vpn-01\"]", "collector.allow: \"vpn-01\" is not an address or a network like")]
    [InlineData("[collector]\nsyslog = \"strict\"\n[[collector.listen]]\naddress = \"0.0.0.0:9999\"", "collector.allow: is required: syslog is strict and 0.0.0.0:9999 is not loopback")]
    [InlineData("[collector]\ninventory = \"strict\"", "collector.inventory: is strict and no [[collector.host]] is given")]
    [InlineData("[[collector.host]]\nname = \"vpn-01\"", "collector.host: has no effect unless inventory is strict")]
    [InlineData("[collector]\ninventory = \"strict\"\n[[collector.host]]\nname = \"vpn 01\"", "collector.host: \"vpn 01\" is no host name")]
    [InlineData("[collector]\ninventory = \"strict\"\n[[collector.host]]\ninterfaces = [\"wg0\"]", "collector.host[0].name: is required")]
    [InlineData("[collector]\ninventory = \"strict\"\n[[collector.host]]\nname = \"vpn-01\"\ninterfaces = [\"wg/0\"]", "collector.host: \"wg/0\" is no device name")]
    [InlineData("[collector.limits]\npeers_max = 100", "collector.limits.peers_max: must not be smaller than peers_per_interface_max")]
    [InlineData("[[collector.listen]]\nhost_from = \"sender\"", "collector.listen[0].host_from: must be one of certificate, header, source")]
    public void A_mistake_is_named_with_its_place(string toml, string expected) => Assert.Contains(expected, Assert.Single(Mistakes(toml)));
}
