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
    [InlineData("[[collector.listen]]\nprotocol = \"tcp\"", "config.toml:2:12 collector.listen[0].protocol: is not supported in this version (got \"tcp\"). Use \"udp\".")]
    [InlineData("[collector]\nretry_pause_min = \"5s\"", "collector.retry_pause_max: must not be shorter than retry_pause_min")]
    [InlineData("[collector]\nbuffer_events_max = 10", "collector.buffer_events_max: must not be smaller than batch_events_max")]
    [InlineData("[collector]\ninterfaces = [\"wg/0\"]", "collector.interfaces: \"wg/0\" is no device name")]
    [InlineData("[collector]\nskew_max = \"4000d\"", "collector.skew_max: must be between")]
    [InlineData("[[collector.listen]]\ndatagram_bytes_max = \"100B\"", "collector.listen[0].datagram_bytes_max: must be between")]
    [InlineData("[[collector.listen]]\naddress = \"127.0.0.1:9999\"\n[[collector.listen]]\naddress = \"127.0.0.1:9999\"", "collector.listen: 127.0.0.1:9999 is listed twice")]
    public void A_mistake_is_named_with_its_place(string toml, string expected) => Assert.Contains(expected, Assert.Single(Mistakes(toml)));
}
