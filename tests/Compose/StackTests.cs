using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The stack as a user starts it: real images and a real rsyslogd.</summary>
[Collection(typeof(StackCollection))]
public sealed class StackTests(Stack stack)
{
    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Containers_are_read_only_without_root_and_without_capabilities()
    {
        var services = await Hardening.HoldsAsync(await stack.ContainersAsync());

        Assert.Equal(["api", "collector", "notifier", "projector", "redis"], services.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task The_published_port_takes(string protocol)
    {
        await stack.HealthyAsync();
        await using var rsyslog = await RsyslogServer.StartAsync(
            stack.SyslogPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: protocol == "udp" ? RsyslogForward.Udp : RsyslogForward.TcpCounted);

        await rsyslog.WriteAsync(NumberedLines.Of($"port-{protocol}", 0, 500), Pace.Messages(1000));

        await Wait.Until(async () => await stack.Log.NumbersAsync($"port-{protocol}", 500) == (0, 0, 0), $"500 lines arrive by {protocol}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
    }

    [Fact]
    public async Task The_demo_fills_the_table_of_peers()
    {
        await stack.HealthyAsync();
        await stack.DemoAsync();

        await Wait.Until(async () =>
        {
            var peers = await stack.ApiAsync("peers?limit=1000");
            return peers.GetProperty("items").EnumerateArray().Count(peer => peer.GetProperty("host").GetString() is "vpn-01" or "vpn-02" or "vpn-03") >= 30;
        }, "the demo's peers show", ArrivalLimit);
        await stack.RemoveWithProfileAsync("demo", "demo");
    }

    [Fact]
    public async Task Collectors_and_apis_scale_with_a_range_of_ports()
    {
        await stack.HealthyAsync();
        await stack.UpWithRangesAsync("--scale", "collector=3", "--scale", "api=3");
        await stack.HealthyAsync();

        var collectors = await stack.ContainersAsync("collector");
        Assert.Equal((3, 3), (collectors.Count, (await stack.ContainersAsync("api")).Count));
        foreach (var (index, collector) in collectors.Index())
        {
            var port = int.Parse((await Docker.RunAsync("port", collector, "2514/tcp")).Trim().Split('\n')[0].Split(':')[^1]);
            await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp);
            await rsyslog.WriteAsync(NumberedLines.Of($"range{index}", 0, 100));
            await Wait.Until(async () => await stack.Log.NumbersAsync($"range{index}", 100) == (0, 0, 0), $"100 lines arrive at collector {index}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        }
        await stack.UpWithRangesAsync("--scale", "collector=1", "--scale", "api=1");
        Assert.Single(await stack.ContainersAsync("collector"));
    }
}
