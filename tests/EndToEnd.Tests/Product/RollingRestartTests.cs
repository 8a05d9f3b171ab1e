using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>An upgrade: every process is stopped and started again, one after the other in any order, while a real rsyslogd goes on sending by RELP.</summary>
public sealed class RollingRestartTests : IDisposable
{
    private const int Replicas = 2;
    private const int Chunk = 100;

    private readonly TempDirectory directory = new();

    private string Collector(int port) => $"""
        [collector.spool]
        durability = "disk"
        directory = "{directory.File("spool")}"
        [[collector.listen]]
        protocol = "relp"
        address = "127.0.0.1:{port}"
        """;

    [Fact]
    public async Task F9_F59_restarting_every_service_in_any_order_loses_nothing_and_doubles_nothing()
    {
        var random = new Random(Seed.Print());
        var port = FreePort.Tcp();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, Replicas, collector: Collector(port));
        await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp.WithDiskQueue());
        using var stop = new CancellationTokenSource();
        var flow = FlowAsync(rsyslog, stop.Token);

        var order = product.All.ToArray();
        random.Shuffle(order);
        foreach (var service in order)
        {
            var start = TimeProvider.System.GetTimestamp();
            service.Process.Terminate();
            Assert.Equal(0, await service.Process.ExitAsync());
            TestContext.Current.TestOutputHelper?.WriteLine($"{service.Name} ended {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s after SIGTERM");
            // The others of its kind do its work meanwhile.
            foreach (var other in product.All.Where(other => other != service && other.Name == service.Name)) Assert.True(await other.IsReadyAsync(), other.Name);
            await service.DisposeAsync();
            service.Start();
            await service.ReadyAsync();
        }
        await stop.CancelAsync();
        var sent = await flow;
        await Wait.Until(async () => await product.EntriesAsync() >= sent, $"all lines arrive; rsyslogd says: {rsyslog.Log}", TimeSpan.FromSeconds(60));

        await ClusterTests.AssertIsReferenceAsync(product);
        var log = await NumberedLog.ReadAsync(product, sent);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent} lines: {log}");
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
    }

    /// <summary>A thousand lines a second or so, until told to stop; returns how many.</summary>
    private static async Task<int> FlowAsync(RsyslogServer rsyslog, CancellationToken stop)
    {
        var sent = 0;
        while (!stop.IsCancellationRequested)
        {
            await rsyslog.WriteAsync(NumberedLog.Lines(sent, Chunk), cancellationToken: CancellationToken.None);
            sent += Chunk;
            await Task.Delay(TimeSpan.FromMilliseconds(100), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return sent;
    }

    public void Dispose() => directory.Dispose();
}
