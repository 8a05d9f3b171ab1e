using Microsoft.Extensions.Options;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Trim;

/// <summary>A group that stands still must not let the log fill Redis: above the ceiling entries go, and everybody is told.</summary>
public class CeilingTests(SharedRedis shared)
{
    private static StreamTrimmer Trimmer(Log log, TrimGroups groups, BeforeTrim? before = null) =>
        new(log.Connection, log.Keys, groups, before, Options.Create(log.Settings), log.Metrics, TimeProvider.System, log.Logger);

    private static Task<Log> CreateAsync(SharedRedis shared) => Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.CeilingEntriesMax) = (1000, 2000));

    private static async Task<StreamId> IdAsync(Log log, int index) => (await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, index + 1, default))[index].Id;

    private static Task SetAsync(Log log, string group, StreamId checkpoint) => log.Database.StringSetAsync(log.Keys.Checkpoint(0, group), checkpoint.ToString());

    [Fact]
    public async Task What_is_above_it_goes_and_is_written_down_for_whom_it_is_lost()
    {
        var log = await CreateAsync(shared);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 5000));
        var (slow, fast) = (await IdAsync(log, 99), await IdAsync(log, 4999));
        await SetAsync(log, "slow", slow);
        await SetAsync(log, "fast", fast);
        var last = await IdAsync(log, 2999);

        Assert.Equal(3000, await Trimmer(log, new(["slow", "fast"], [])).TrimAsync(0, default));

        Assert.Equal(2000, await log.Database.StreamLengthAsync(log.Keys.Events(0)));
        var lost = Assert.Single(await new LostEntriesReader(log.Connection, log.Keys).ReadAsync(0, default));
        Assert.Equal(("slow", 2900L, slow, last), (lost.Group, lost.Entries, lost.After, lost.Until));
        Assert.Equal(last.ToString(), await log.Database.StringGetAsync(log.Keys.Checkpoint(0, "slow")));
        Assert.Equal(fast.ToString(), await log.Database.StringGetAsync(log.Keys.Checkpoint(0, "fast")));
        Assert.Equal(2900, await log.MetricAsync("wgmonitor_stream_lost_by_retention_events_total", "slow"));
        Assert.Contains(log.Logger.Lines, line => line.Text.Contains("2900 entries of partition 0 were removed before slow had applied them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_later_loss_is_told_from_where_the_group_had_come_to()
    {
        var log = await CreateAsync(shared);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 3000));
        await SetAsync(log, "slow", StreamId.Zero);
        await Trimmer(log, new(["slow"], [])).TrimAsync(0, default);
        var first = Assert.Single(await new LostEntriesReader(log.Connection, log.Keys).ReadAsync(0, default));
        var applied = await IdAsync(log, 499);
        await SetAsync(log, "slow", applied);
        await log.AppendAsync(0, "c1", 2, Enumerable.Range(3000, 2000));

        await Trimmer(log, new(["slow"], [])).TrimAsync(0, default);

        var second = Assert.Single(await new LostEntriesReader(log.Connection, log.Keys).ReadAsync(0, default));
        Assert.Equal((StreamId.Zero, 1000L), (first.After, first.Entries));
        Assert.True(second.After == applied && second.Until > applied && second.Entries > 1000, second.ToString());
    }

    [Fact]
    public async Task What_readers_lose_together_or_one_after_another_counts_once()
    {
        var log = await CreateAsync(shared);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 3000));
        await SetAsync(log, "slow", await IdAsync(log, 99));
        await SetAsync(log, "fast", await IdAsync(log, 599));
        await SetAsync(log, "base", StreamId.Zero);
        var trimmer = Trimmer(log, new(["slow", "fast"], ["base"]));
        async Task<(long Slow, long Fast, long Any)> LostAsync()
        {
            var (groups, any) = await new LostEntriesReader(log.Connection, log.Keys).ReadWithTotalAsync(0, default);
            return (groups.Single(lost => lost.Group == "slow").Entries, groups.Single(lost => lost.Group == "fast").Entries, any);
        }
        await log.AppendAsync(0, "c1", 2, Enumerable.Range(3000, 1000));
        await trimmer.TrimAsync(0, default);
        Assert.Equal((900, 400, 900), await LostAsync());

        // Now the other one is behind.
        await SetAsync(log, "slow", await IdAsync(log, 499));
        await log.AppendAsync(0, "c1", 3, Enumerable.Range(4000, 1000));
        await trimmer.TrimAsync(0, default);

        Assert.Equal((900 + 500, 400 + 1000, 900 + 1000), await LostAsync());
    }

    [Fact]
    public async Task Who_keeps_a_copy_is_waited_for_up_to_half_as_much_again()
    {
        var log = await CreateAsync(shared);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 2500));
        await SetAsync(log, "slow", StreamId.Zero);
        await SetAsync(log, "base", await IdAsync(log, 99));
        var trimmer = Trimmer(log, new(["slow"], ["base"]));

        Assert.Equal(100, await trimmer.TrimAsync(0, default));
        await log.AppendAsync(0, "c1", 2, Enumerable.Range(2500, 1000));
        // 3,400 are more than 3,000: for what is above that it cannot be waited.
        Assert.Equal(400, await trimmer.TrimAsync(0, default));

        var lost = await new LostEntriesReader(log.Connection, log.Keys).ReadAsync(0, default);
        Assert.Equal([("base", 400L), ("slow", 500L)], lost.Select(loss => (loss.Group, loss.Entries)));
    }

    [Fact]
    public async Task Where_nothing_is_to_be_trimmed_there_is_no_ceiling()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.CeilingEntriesMax) = (0, 2000));
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 3000));
        await SetAsync(log, "slow", StreamId.Zero);

        Assert.Equal(0, await Trimmer(log, new(["slow"], [])).TrimAsync(0, default));
    }

    [Fact]
    public async Task A_consumer_with_trimmed_entries_pending_goes_on_behind_them()
    {
        var log = await CreateAsync(shared);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 3000));
        var stuck = new TaskCompletionSource();
        var reading = new TaskCompletionSource();
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.BeforeApply = async (_, _) =>
        {
            reading.TrySetResult();
            await stuck.Task;
        });
        await reading.Task;
        // It holds its first batch, which Redis keeps pending, when the ceiling comes down on it.
        await Trimmer(log, new(["g"], [])).TrimAsync(0, default);
        stuck.SetResult();

        await Wait.Until(async () => (await Numbers.InAsync(log.Database, replica.Factory.Outbox(0))).Length == 2000, "what is left is applied");
        Assert.Equal(Enumerable.Range(1000, 2000), await Numbers.InAsync(log.Database, replica.Factory.Outbox(0)));
        await Wait.Until(async () => (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount == 0, "nothing stays pending");
        Assert.Equal(1000, await log.MetricAsync("wgmonitor_stream_lost_by_retention_events_total"));
    }
}
