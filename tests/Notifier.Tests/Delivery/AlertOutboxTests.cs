using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.Notifier.Tests.Delivery;

public class AlertOutboxTests(SharedRedis shared)
{
    private static async Task<List<StreamId>> FillAsync(NotifierLogFixture log, int partition, int count)
    {
        var positions = new List<StreamId>();
        for (var i = 0; i < count; i++)
        {
            var fields = AlertCodec.Encode(Samples.Alert(cause: new StreamId(1763820629200 + i, partition)));
            NameValueEntry[] values = [.. fields.Select(field => new NameValueEntry((ReadOnlyMemory<byte>)field.Name, (ReadOnlyMemory<byte>)field.Value))];
            positions.Add(StreamId.Parse((await log.Database.StreamAddAsync(log.AlertKeys.Outbox(partition), values, $"{1000 + i}-0")).ToString()));
        }

        return positions;
    }

    [Fact]
    public async Task Entries_are_read_behind_a_position_and_counted()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        var positions = await FillAsync(log, 0, 1005);
        var outbox = new AlertOutbox(log.Connection, log.AlertKeys, 0);

        var read = await outbox.ReadAsync(positions[2], 2, default);

        Assert.Equal([positions[3], positions[4]], read.Select(entry => entry.Position));
        Assert.Equal(1763820629203, read[0].Alert!.Cause.Milliseconds);
        Assert.Equal((1005L, 1002L, 0L), (await outbox.CountAsync(StreamId.Zero, default), await outbox.CountAsync(positions[2], default), await outbox.CountAsync(positions[^1], default)));
    }

    [Fact]
    public async Task Trimming_never_passes_what_is_not_settled()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        var positions = await FillAsync(log, 0, 50);
        var outbox = new AlertOutbox(log.Connection, log.AlertKeys, 0);

        Assert.Equal(0, await outbox.TrimAsync(50, positions[^1], default));
        Assert.Equal(0, await outbox.TrimAsync(10, StreamId.Zero, default));
        Assert.Equal(6, await outbox.TrimAsync(10, positions[5], default));
        Assert.Equal(0, await outbox.TrimAsync(10, positions[5], default));
        Assert.Equal(positions[6], (await outbox.ReadAsync(StreamId.Zero, 1, default))[0].Position);
        Assert.Equal(34, await outbox.TrimAsync(10, positions[^1], default));
        Assert.Equal(10, await outbox.CountAsync(StreamId.Zero, default));
    }

    [Fact]
    public async Task An_entry_that_is_no_alert_is_known_as_such()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await log.Database.StreamAddAsync(log.AlertKeys.Outbox(0), "alert", "of a newer build");

        Assert.Null(Assert.Single(await new AlertOutbox(log.Connection, log.AlertKeys, 0).ReadAsync(StreamId.Zero, 10, default)).Alert);
    }

    [Fact]
    public async Task The_log_of_alerts_is_paged_newest_first_over_all_partitions_and_misses_none()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server, partitions: 3);
        foreach (var partition in Enumerable.Range(0, 3)) await FillAsync(log, partition, 7);

        var causes = new List<StreamId>();
        for (AlertPosition? at = AlertPosition.Newest; at is { } position;)
        {
            var page = await log.Alerts.ReadAsync(position, 4, default);
            Assert.InRange(page.Items.Count, 1, 4);
            causes.AddRange(page.Items.Select(item => item.Alert.Cause));
            at = page.Next;
        }

        // All three partitions hold an entry at each position: a page ends in the middle of them.
        Assert.Equal(from i in Enumerable.Range(0, 7).Reverse() from partition in (int[])[2, 1, 0] select new StreamId(1763820629200 + i, partition), causes);
        Assert.Null(await log.Alerts.FindAsync("*", default));
        Assert.Null(await log.Alerts.FindAsync(new string('0', 32), default));
    }
}
