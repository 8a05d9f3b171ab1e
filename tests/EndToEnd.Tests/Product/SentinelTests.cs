using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>The four services beside real sentinels: the primary dies, its replica takes over, with all that was written or without the last seconds.</summary>
public sealed class SentinelTests : IDisposable
{
    private readonly TempDirectory directory = new();

    private string Spool => $"""
        [collector.spool]
        durability = "disk"
        directory = "{directory.File("spool")}"
        """;

    private static async Task<Deployment> StartAsync(RedisSentinels sentinels, string collector) => await Deployment.StartAsync(
        sentinels.Primary, collector: collector, place: sentinels.Toml, connection: await sentinels.ConnectAsync());

    [Fact]
    public async Task After_a_failover_the_services_find_the_new_primary_and_nothing_is_missing()
    {
        const int lines = 12_000;
        await using var sentinels = await RedisSentinels.StartAsync();
        await using var product = await StartAsync(sentinels, Spool);
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync(NumberedLog.Lines(0, lines / 4), Pace.Messages(1000));

        var flow = sender.SendAsync(NumberedLog.Lines(lines / 4, lines - lines / 4), Pace.Messages(1000));
        await sentinels.Primary.KillAsync();
        await Wait.Until(async () => await sentinels.PrimaryAddressAsync() == sentinels.Replica.Address, "the sentinels agree on the replica");
        var agreed = TimeProvider.System.GetTimestamp();
        await Wait.Until(async () => (await RedisCluster.CommandAsync(sentinels.Replica, "INFO", "clients")).Length > 0 && await product.Api.IsReadyAsync(), "the API is ready again");
        TestContext.Current.TestOutputHelper?.WriteLine($"the API was ready {TimeProvider.System.GetElapsedTime(agreed).TotalSeconds:0.0} s after the sentinels had agreed");
        await flow;
        await Wait.Until(async () => await product.EntriesAsync() >= lines, "all lines arrive", TimeSpan.FromSeconds(60));

        await AssertCompleteAsync(product, lines);
        foreach (var service in product.All) await service.ReadyAsync();
    }

    [Fact]
    public async Task F18_a_failover_that_loses_seconds_is_noticed_told_and_made_good_from_the_spool()
    {
        const int replicated = 2000, lost = 3000, after = 2000;
        await using var sentinels = await RedisSentinels.StartAsync();
        await using var product = await StartAsync(sentinels, Spool);
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync(NumberedLog.Lines(0, replicated), Pace.Messages(1000));
        await CaughtUpAsync(product, replicated);

        // The replica gets nothing more: frozen, and its connection closed.
        sentinels.Replica.Pause();
        await RedisCluster.CommandAsync(sentinels.Primary, "CLIENT", "KILL", "TYPE", "replica");
        await sender.SendAsync(NumberedLog.Lines(replicated, lost), Pace.Messages(2000));
        await CaughtUpAsync(product, replicated + lost);
        await sentinels.Primary.KillAsync();
        sentinels.Replica.Resume();
        await Wait.Until(async () => await sentinels.PrimaryAddressAsync() == sentinels.Replica.Address, "the sentinels agree on the replica");

        await sender.SendAsync(NumberedLog.Lines(replicated + lost, after), Pace.Messages(1000));
        await Wait.Until(async () => await product.EntriesAsync() >= replicated + lost + after, "all lines arrive", TimeSpan.FromSeconds(60));
        await AssertCompleteAsync(product, replicated + lost + after);
        Assert.True(await product.Collector.MetricAsync("wgmonitor_collector_spool_rewinds_total") > 0, "the collector went back");
        foreach (var consumer in (ServiceProcess[])[.. product.Projectors, .. product.Notifiers])
        {
            Assert.True(await consumer.MetricAsync("wgmonitor_stream_history_rewound_total") > 0, consumer.Name);
            Assert.Contains("Redis lost history in partition", consumer.Process.Output);
        }
        Assert.Contains(await ClusterTests.WarningsAsync(product), warning => warning!.Contains("Redis lost history", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_starts_before_the_sentinels_works_when_they_come()
    {
        using var own = new TempDirectory();
        var sentinel = FreePort.Tcp();
        own.Write("config.toml", $"""
            [redis]
            url = "redis://127.0.0.1:{sentinel}"
            sentinel_service = "{RedisSentinels.Service}"
            """);
        await using var projector = new ServiceProcess("projector", own.Path, FreePort.Tcp());

        projector.Start();
        await projector.Process.OutputHas("started:");
        Assert.False(await projector.IsReadyAsync());
        await using var sentinels = await RedisSentinels.StartAsync(sentinel);

        await projector.ReadyAsync();
    }

    private static async Task CaughtUpAsync(Deployment product, int lines)
    {
        await Wait.Until(async () => await product.EntriesAsync() == lines, "all lines are appended");
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
    }

    private static async Task AssertCompleteAsync(Deployment product, int lines)
    {
        await ClusterTests.AssertIsReferenceAsync(product);
        var log = await NumberedLog.ReadAsync(product, lines);
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
        Assert.All(product.All, service => Assert.False(service.Process.HasExited, service.Name));
    }

    public void Dispose() => directory.Dispose();
}
