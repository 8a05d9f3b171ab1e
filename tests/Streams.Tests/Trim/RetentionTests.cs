using Microsoft.Extensions.Options;
using Xunit;

namespace WgMonitor.Streams.Tests.Trim;

public class RetentionTests(SharedRedis shared)
{
    private static StreamTrimmer Trimmer(Log log, params string[] readers) => new(
        log.Connection, log.Keys, new TrimGroups(readers, []), null, Options.Create(log.Settings), log.Metrics, TimeProvider.System, log.Logger);

    /// <summary>Entries with IDs as old as told, and a group that has applied all of them.</summary>
    private static async Task<long> FillAsync(Log log, int count, Func<int, TimeSpan> age)
    {
        var now = (await new LogExtentReader(log.Connection, log.Keys).ReadAsync(0, false, default)).Now;
        for (var number = 0; number < count; number++)
            await log.Database.StreamAddAsync(log.Keys.Events(0), [new("event", "number.v1"), new("n", number)], $"{now - (long)age(number).TotalMilliseconds}-{number}");
        await AppliedAsync(log, "a");
        return now;
    }

    private static async Task AppliedAsync(Log log, string group) => await log.Database.StringSetAsync(
        log.Keys.Checkpoint(0, group), (await new LogExtentReader(log.Connection, log.Keys).ReadAsync(0, false, default)).Last.ToString());

    private static async Task<int> OldestAsync(Log log) => Numbers.Of((await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 1, default))[0]);

    [Fact]
    public async Task What_is_older_than_the_age_goes_by_whole_nodes()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.RetentionAge) = (0, TimeSpan.FromMinutes(30)));
        await FillAsync(log, 1000, number => TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(3 * number));

        await Trimmer(log, "a").TrimAsync(0, default);

        // 600 are older than 30 minutes.
        Assert.InRange(await OldestAsync(log), 500, 600);
    }

    [Fact]
    public async Task What_a_group_has_not_applied_stays_whatever_its_age()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.RetentionAge) = (0, TimeSpan.FromMinutes(30)));
        await FillAsync(log, 1000, _ => TimeSpan.FromHours(2));
        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "b"), (await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 301, default))[300].Id.ToString());

        await Trimmer(log, "a", "b").TrimAsync(0, default);

        Assert.InRange(await OldestAsync(log), 201, 301);
    }

    [Fact]
    public async Task What_is_above_its_share_of_the_memory_goes()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.Partitions) = (0, 4));
        await FillAsync(log, 20_000, _ => TimeSpan.Zero);
        var all = (long)await log.Database.ExecuteAsync("MEMORY", "USAGE", log.Keys.Events(0), "SAMPLES", "0");
        log.Settings.RetentionBytesMax = 4 * (all / 2);

        await Trimmer(log, "a").TrimAsync(0, default);

        Assert.InRange((long)await log.Database.ExecuteAsync("MEMORY", "USAGE", log.Keys.Events(0), "SAMPLES", "0"), all * 4 / 10, all * 6 / 10);
    }

    [Fact]
    public async Task Whichever_limit_bites_first_counts()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.RetentionAge, options.RetentionBytesMax) = (900, TimeSpan.FromMinutes(30), 1 << 30));
        await FillAsync(log, 1000, number => TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(3 * number));
        var trimmer = Trimmer(log, "a");

        await trimmer.TrimAsync(0, default);
        Assert.InRange(await OldestAsync(log), 500, 600);
        log.Settings.RetentionEntriesMax = 200;
        await trimmer.TrimAsync(0, default);
        Assert.InRange(await OldestAsync(log), 700, 800);
    }

    [Fact]
    public async Task Behind_a_clock_that_went_back_nothing_goes_by_age_and_it_is_told()
    {
        var log = await Log.CreateAsync(shared.Server, options => (options.RetentionEntriesMax, options.RetentionAge) = (0, TimeSpan.FromMinutes(30)));
        // The clock was a day ahead for a while: the last 500 have IDs of tomorrow.
        await FillAsync(log, 1000, number => TimeSpan.FromHours(number < 500 ? 2 : -24));

        Assert.Equal(0, await Trimmer(log, "a").TrimAsync(0, default));

        Assert.Contains(log.Logger.Lines, line => line.Text.Contains("not trimmed by age (IdsAhead)", StringComparison.Ordinal));
        Assert.Equal(1, await log.MetricAsync("wgmonitor_stream_retention_age_suspended"));
        // By number it still may.
        log.Settings.RetentionEntriesMax = 100;
        Assert.InRange(await Trimmer(log, "a").TrimAsync(0, default), 800, 900);
    }

    [Fact]
    public void A_clock_that_is_moved_is_not_believed_before_an_hour_has_passed()
    {
        var time = new HandClock();
        var clock = new RetentionClock(time);
        const long noon = 1_795_348_800_000;
        AgeSuspension At(TimeSpan passed, TimeSpan offset)
        {
            time.Passed = passed;
            var now = noon + (long)(passed + offset).TotalMilliseconds;
            return clock.Judge(new LogExtent(now, 1, new(noon, 0), new(noon, 0), 1, null));
        }

        Assert.Equal(AgeSuspension.None, At(TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(AgeSuspension.None, At(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2)));
        // A day ahead for a minute, then back.
        Assert.Equal(AgeSuspension.ClockMoved, At(TimeSpan.FromMinutes(2), TimeSpan.FromDays(1)));
        Assert.Equal(AgeSuspension.ClockMoved, At(TimeSpan.FromMinutes(3), TimeSpan.FromDays(1)));
        Assert.Equal(AgeSuspension.None, At(TimeSpan.FromMinutes(4), TimeSpan.Zero));
        // Set right for good.
        Assert.Equal(AgeSuspension.ClockMoved, At(TimeSpan.FromMinutes(5), TimeSpan.FromHours(3)));
        Assert.Equal(AgeSuspension.ClockMoved, At(TimeSpan.FromMinutes(64), TimeSpan.FromHours(3)));
        Assert.Equal(AgeSuspension.None, At(TimeSpan.FromMinutes(66), TimeSpan.FromHours(3)));
        Assert.Equal(AgeSuspension.None, At(TimeSpan.FromMinutes(67), TimeSpan.FromHours(3)));
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
