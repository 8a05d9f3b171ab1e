using System.Diagnostics;
using System.Net.Sockets;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>
/// H32: many connections that send nothing. 1,000 in the normal run, the number of WGMONITOR_IDLE_CONNECTIONS otherwise (make idle-test): each takes two files of
/// this process, the sender's end and the collector's.
/// </summary>
public class IdleConnectionTests(ITestOutputHelper output)
{
    private static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_IDLE_CONNECTIONS"), out var count) ? count : 1000;

    [Fact]
    public async Task Another_senders_line_is_seen_beside_idle_connections()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(
            redis, $"connections_max = {Count + 10}\nconnections_per_source_max = {Count + 10}\n", "[[collector.listen]]\nprotocol = \"tcp\"\naddress = \"127.0.0.1:0\"\n");
        var idle = new List<Socket>();
        var before = Environment.WorkingSet;
        for (var n = 0; n < Count; n++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            idle.Add(socket);
            await socket.ConnectAsync(collector.Stream());
        }
        await Wait.Until(async () => (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"] == Count, "all are open");
        output.WriteLine($"{Count} connections, {(Environment.WorkingSet - before) >> 20} MiB more than before, both ends together");

        var start = Stopwatch.GetTimestamp();
        await using (var sender = await StreamSender.ConnectAsync(collector.Stream())) await sender.SendAsync("124 " + TestPipeline.L0);
        await collector.AllAppended(1);
        output.WriteLine($"a line beside them stands in the log after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");

        Assert.Equal(1, collector.Counts().Of(LineOutcome.Event));
        foreach (var socket in idle) socket.Dispose();
        await Wait.Until(async () => (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"] == 0, "all are gone");
    }
}
