using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector.Coverage;
using WgMonitor.Collector.Spool;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Spool;

/// <summary>Batches that are on their way together, with a real Redis.</summary>
public sealed class BatchSenderTests : IAsyncLifetime
{
    private readonly TestSpool spool = new TestSpool(partitions: 8).Open();
    private RedisServer redis = null!;
    private TestCollector collector = null!;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync(ownProcess: true);
        collector = await TestCollector.StartAsync(redis);
    }

    private BatchSender Sender() => new(
        0, "collector-of-the-test", collector.Get<EventAppender>(), new(), TimeSpan.FromHours(1), collector.Get<CollectorMetrics>(), collector.Get<SpoolMetrics>(), new Rewinds(), TimeProvider.System,
        new Random(1), NullLogger.Instance);

    private List<SpooledBatch> Take(params EventBatch[] batches)
    {
        spool[0].Start(0);
        foreach (var batch in batches) spool.Store(batch);
        var taken = spool.Take(batches.Length);
        Assert.Equal(batches.Length, taken.Count);
        return taken;
    }

    private static async Task SendFirstAsync(BatchSender sender, List<SpooledBatch> taken) =>
        Assert.Equal(SendOutcome.Appended, await sender.SendAsync(taken[0].Batch, taken[0].Entry.Number, () => false, TestContext.Current.CancellationToken));

    /// <summary>One event with this number.</summary>
    private static EventBatch Batch(int number) => TestSpool.Batch(number, events: 1);

    /// <summary>The script cannot read its events, so Redis refuses it, and it alone.</summary>
    private static EventBatch Broken()
    {
        var batch = new EventBatch();
        batch.Restore(1, [0xdd, 0, 0, 0, 1, 0x05], Batch(1).PackedShapes.Span);
        return batch;
    }

    private async Task<List<int>> LogAsync() => [.. (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"]) / 1000)];

    [Fact]
    public async Task They_are_appended_in_order_and_another_time_none_of_them()
    {
        var taken = Take(Batch(1), Batch(2), Batch(3), Batch(4));
        var sender = Sender();
        // A Redis that does not know the script yet is asked again for each, in any order.
        await SendFirstAsync(sender, taken);

        Assert.Equal(3, await sender.SendTogetherAsync(taken[1..], TestContext.Current.CancellationToken));
        Assert.Equal(0, await Sender().SendTogetherAsync(taken, TestContext.Current.CancellationToken));

        Assert.Equal([1, 2, 3, 4], await LogAsync());
        Assert.Equal(taken[^1].Entry.Number, sender.Mark);
    }

    [Fact]
    public async Task None_is_appended_past_one_that_was_not()
    {
        var taken = Take(Batch(1), Batch(2), Broken(), Batch(4), Batch(5));
        var sender = Sender();
        await SendFirstAsync(sender, taken);

        Assert.Equal(1, await sender.SendTogetherAsync(taken[1..], TestContext.Current.CancellationToken));

        Assert.Equal([1, 2], await LogAsync());
        Assert.Equal(taken[1].Entry.Number, sender.Mark);
    }

    [Fact]
    public async Task After_the_log_lost_its_end_none_is_appended()
    {
        var taken = Take(Batch(1), Batch(2), Batch(3));
        var sender = Sender();
        await SendFirstAsync(sender, taken);
        await using (var connection = await redis.ConnectAsync()) await connection.GetDatabase().ExecuteAsync("FLUSHALL");

        Assert.Equal(0, await sender.SendTogetherAsync(taken[1..], TestContext.Current.CancellationToken));

        Assert.Empty(await LogAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await collector.DisposeAsync();
        await redis.DisposeAsync();
        spool.Dispose();
    }
}
