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
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"", "collector.listen[0].certificate: is required for protocol tls")]
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"\ncertificate = \"a.pem\"", "config.toml:3:15 collector.listen[0].certificate: is for protocol tls and relp (got \"a.pem\"). Use \"tls\" instead of \"tcp\".")]
    [InlineData("[[collector.listen]]\nprotocol = \"relp\"\nframing = \"lines\"", "collector.listen[0].framing: is for protocol tcp and tls")]
    [InlineData("[[collector.listen]]\nprotocol = \"relp\"\nclient_certificate = \"require\"\nclient_ca = \"a.pem\"", "collector.listen[0].client_certificate: needs a certificate of the server")]
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"\ncertificate = \"a.pem\"\nclient_certificate = \"require\"", "collector.listen[0].client_ca: is required with client_certificate")]
    [InlineData("[[collector.listen]]\nprotocol = \"tls\"\ncertificate = \"a.pem\"\nclient_ca = \"b.pem\"", "collector.listen[0].client_certificate: is none, so client_ca and client_crl have no effect")]
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"\ntrusted_proxies = [\"10.0.0.0/33\"]", "collector.listen[0].trusted_proxies: \"10.0.0.0/33\" is no address and no network")]
    [InlineData("[[collector.listen]]\nprotocol = \"udp\"\n[[collector.listen]]\nprotocol = \"relp\"\naddress = \"[::]:70\"\n[[collector.listen]]\nprotocol = \"tcp\"\naddress = \"[::]:70\"", "collector.listen: [::]:70 is listed twice")]
    [InlineData("[collector]\nretry_pause_min = \"5s\"", "collector.retry_pause_max: must not be shorter than retry_pause_min")]
    [InlineData("[collector]\nbuffer_events_max = 10", "collector.buffer_events_max: must not be smaller than batch_events_max")]
    [InlineData("[collector]\ninterfaces = [\"wg/0\"]", "collector.interfaces: \"wg/0\" is no device name")]
    [InlineData("[collector]\nskew_max = \"4000d\"", "collector.skew_max: must be between")]
    [InlineData("[[collector.listen]]\nmessage_bytes_max = \"100B\"", "collector.listen[0].message_bytes_max: must be between")]
    [InlineData("[[collector.listen]]\naddress = \"127.0.0.1:9999\"\n[[collector.listen]]\naddress = \"127.0.0.1:9999\"", "collector.listen: 127.0.0.1:9999 is listed twice")]
    public void A_mistake_is_named_with_its_place(string toml, string expected) => Assert.Contains(expected, Assert.Single(Mistakes(toml)));
}
