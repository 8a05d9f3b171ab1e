using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Streams.Tests.Park;

/// <summary>Entries that a group puts aside: bounded, counted, taken once, and passed over by whoever folds behind it.</summary>
public class ParkedLogTests(SharedRedis shared)
{
    private static readonly string[] Groups = ["g", "h"];

    private static async Task<OwnedPartition> OwnAsync(Log log, string group)
    {
        var grant = await new Lease(log.Connection, log.Keys, group, "a").AcquireAsync(0, TimeSpan.FromMinutes(1), 0);
        return new(0, group, log.Keys, grant!.Value, new BatchCommitter(log.Connection, log.Keys, log.Metrics, TimeProvider.System), default);
    }

    private static async Task ParkAsync(Log log, OwnedPartition owned, IEnumerable<StreamEntry> entries, long parkedMax = 100)
    {
        var park = await PartitionPark.OpenAsync(log.Connection, owned, parkedMax, StreamId.Zero, default);
        foreach (var some in entries.Chunk(50))
        {
            var batch = owned.NewBatch();
            foreach (var entry in some) await park.AddAsync(entry, "failed", batch, default);
            Assert.IsType<CommitOutcome.Applied>(await owned.CommitAsync(batch, default));
        }
    }

    private static async Task<List<StreamEntry>> AppendedAsync(Log log, int count)
    {
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, count));
        return await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, count, default);
    }

    private static ParkedLog Parked(Log log) => new(log.Connection, log.Keys, Groups);

    [Fact]
    public async Task An_entry_that_two_groups_parked_is_appended_again_once_with_its_own_fields_and_where_it_stood()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entry = (await AppendedAsync(log, 3))[1];
        foreach (var group in Groups) await ParkAsync(log, await OwnAsync(log, group), [entry]);

        var parked = await Parked(log).ReadAsync(0, default);
        Assert.Equal([("g", entry.Id, "failed"), ("h", entry.Id, "failed")], parked.Select(one => (one.Group, one.Id, one.Reason)));
        var retried = await Parked(log).RetryAsync([.. parked], default);
        var again = await Parked(log).RetryAsync([.. parked], default);

        Assert.Null(again);
        var entries = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 100, default);
        Assert.Equal((4, retried), (entries.Count, entries[3].Id));
        Assert.Equal(entry.Id, entries[3].RetryOf);
        Assert.Equal(Texts(entry.Fields), Texts(entries[3].Fields[..^1]));
        Assert.Empty(await Parked(log).ReadAsync(0, default));
        foreach (var group in Groups) Assert.Equal(new ParkedCounts(0, 1, 0, 0), await Parked(log).CountAsync(0, group, default));
    }

    [Fact]
    public async Task A_retry_that_is_parked_again_tells_where_it_stood_last()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entry = (await AppendedAsync(log, 1))[0];
        var owned = await OwnAsync(log, "g");
        await ParkAsync(log, owned, [entry]);
        await Parked(log).RetryAsync([.. await Parked(log).ReadAsync(0, default)], default);
        var second = (await log.Reader.ReadForwardAsync(0, entry.Id, StreamId.Max, 1, default))[0];
        await ParkAsync(log, owned, [second]);

        await Parked(log).RetryAsync([.. await Parked(log).ReadAsync(0, default)], default);

        var third = (await log.Reader.ReadForwardAsync(0, second.Id, StreamId.Max, 1, default))[0];
        Assert.Equal(second.Id, third.RetryOf);
        Assert.Equal(Texts(entry.Fields), Texts(third.Fields[..^1]));
    }

    [Fact]
    public async Task Who_folds_behind_a_group_leaves_out_what_it_passed_over_and_retries_of_what_it_applied()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entries = await AppendedAsync(log, 4);
        foreach (var group in Groups) await ParkAsync(log, await OwnAsync(log, group), group == "g" ? [entries[1]] : [entries[1], entries[2]]);
        foreach (var one in (await Parked(log).ReadAsync(0, default)).GroupBy(parked => parked.Id)) await Parked(log).RetryAsync([.. one], default);
        entries = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 100, default);
        Assert.Equal(6, entries.Count);

        async Task<IEnumerable<int>> CountedAsync(string group) =>
            (await new PassedEntries(log.Connection, log.Keys, group).LeaveOutAsync(0, entries, default)).Select(entry => entries.IndexOf(entry));

        Assert.Equal([0, 2, 3, 4], await CountedAsync("g"));
        Assert.Equal([0, 3, 4, 5], await CountedAsync("h"));
        Assert.Equal([0, 1, 2, 3], await CountedAsync("nobody"));
    }

    [Fact]
    public async Task What_was_discarded_stays_passed_over()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entries = await AppendedAsync(log, 2);
        await ParkAsync(log, await OwnAsync(log, "g"), [entries[0]]);
        var parked = await Parked(log).ReadAsync(0, default);

        Assert.True(await Parked(log).DiscardAsync([.. parked], default));

        Assert.False(await Parked(log).DiscardAsync([.. parked], default));
        Assert.Null(await Parked(log).RetryAsync([.. parked], default));
        Assert.Equal(2, await log.Database.StreamLengthAsync(log.Keys.Events(0)));
        Assert.Equal([entries[1].Id], (await new PassedEntries(log.Connection, log.Keys, "g").LeaveOutAsync(0, entries, default)).Select(entry => entry.Id));
        Assert.Equal(new ParkedCounts(0, 0, 1, 0), await Parked(log).CountAsync(0, "g", default));
    }

    [Fact]
    public async Task What_the_bound_drops_is_counted_until_somebody_takes_note_and_all_that_waits_can_be_retried()
    {
        const int count = 2_000;
        var log = await Log.CreateAsync(shared.Server);
        var entries = await AppendedAsync(log, count);
        await ParkAsync(log, await OwnAsync(log, "g"), entries, parkedMax: 10);

        var counts = await Parked(log).CountAsync(0, "g", default);
        Assert.InRange(counts.Waiting, 10, 210);
        Assert.Equal(count - counts.Waiting, counts.Lost);
        // What is known as passed over is bounded too, and reaches back farther than what waits.
        Assert.InRange(await log.Database.SortedSetLengthAsync(log.Keys.Passed(0, "g")), counts.Waiting, 1_100);
        var waiting = await Parked(log).ReadAsync(0, default);
        var passed = await new PassedEntries(log.Connection, log.Keys, "g").ReadAsync(0, StreamId.Zero, StreamId.Max, default);
        Assert.All(waiting, entry => Assert.Contains(entry.Id, passed));

        foreach (var entry in waiting) Assert.NotNull(await Parked(log).RetryAsync([entry], default));
        Assert.Equal(counts.Lost, await Parked(log).ForgetLostAsync(0, default));
        Assert.Equal(new ParkedCounts(0, counts.Waiting, counts.Lost, 0), await Parked(log).CountAsync(0, "g", default));
    }

    [Fact]
    public async Task A_checkpoint_that_was_set_back_parks_nothing_twice()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entries = await AppendedAsync(log, 3);
        var owned = await OwnAsync(log, "g");
        await ParkAsync(log, owned, [entries[1]]);

        var again = await PartitionPark.OpenAsync(log.Connection, owned, 100, entries[0].Id, default);

        Assert.False(await again.CountsAsync(entries[1], default));
        Assert.True(await again.CountsAsync(entries[2], default));
    }

    [Fact]
    public async Task Keys_of_another_type_count_as_absent()
    {
        var log = await Log.CreateAsync(shared.Server);
        var entries = await AppendedAsync(log, 2);
        await log.Database.StringSetAsync(log.Keys.Passed(0, "g"), "x");
        var owned = await OwnAsync(log, "g");

        var park = await PartitionPark.OpenAsync(log.Connection, owned, 100, StreamId.Zero, default);
        await park.AddAsync(entries[0], "failed", owned.NewBatch(), default);

        Assert.True(await park.CountsAsync(entries[1], default));
        Assert.Equal(entries, await new PassedEntries(log.Connection, log.Keys, "g").LeaveOutAsync(0, entries, default));
    }

    private static IEnumerable<string> Texts(IEnumerable<EventField> fields) =>
        fields.Select(field => $"{System.Text.Encoding.UTF8.GetString(field.Name.Span)}={System.Text.Encoding.UTF8.GetString(field.Value.Span)}");
}
