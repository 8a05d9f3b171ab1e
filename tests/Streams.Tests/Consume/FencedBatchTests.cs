using System.Text;
using StackExchange.Redis;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Streams.Tests.Consume;

public class FencedBatchTests(SharedRedis shared)
{
    [Fact]
    public async Task All_kinds_of_writes_happen_in_the_order_recorded()
    {
        var (log, owned) = await OwnAsync();
        string K(string name) => log.Keys.InPartition(0, name);
        await log.Database.HashSetAsync(K("hash"), [new("old", 1)]);
        await log.Database.SortedSetAddAsync(K("zset"), "gone", 1);
        await log.Database.ListLeftPushAsync(K("replaced"), "of another type");
        await log.Database.StringSetAsync(K("deleted"), "x");

        var batch = owned.NewBatch();
        batch.SetHash(K("hash"), [Field("new", "2"), Field("old", "3")]);
        batch.AddToSortedSet(K("zset"), "m"u8, -1.5);
        batch.RemoveFromSortedSet(K("zset"), "gone"u8);
        batch.DeleteKey(K("deleted"));
        batch.DeleteKey(K("replaced"));
        batch.SetHash(K("replaced"), [Field("now", "a hash")]);
        batch.Expire(K("replaced"), TimeSpan.FromMinutes(5));
        batch.AppendToStream(K("outbox"), [Field("a", "1"), Field("b", "2")]);
        for (var i = 0; i < 500; i++) batch.AppendToStream(K("bounded"), [Field("i", $"{i}")], lengthMax: 100);
        Assert.IsType<CommitOutcome.Applied>(await owned.CommitAsync(batch, default));

        Assert.Equal(["new=2", "old=3"], (await log.Database.HashGetAllAsync(K("hash"))).Select(entry => $"{entry.Name}={entry.Value}").Order());
        Assert.Equal(["m: -1.5"], (await log.Database.SortedSetRangeByRankWithScoresAsync(K("zset"))).Select(entry => entry.ToString()));
        Assert.False(await log.Database.KeyExistsAsync(K("deleted")));
        Assert.Equal("a hash", await log.Database.HashGetAsync(K("replaced"), "now"));
        Assert.InRange((await log.Database.KeyTimeToLiveAsync(K("replaced")))!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        Assert.Equal(["a", "b"], (await log.Database.StreamRangeAsync(K("outbox")))[0].Values.Select(pair => pair.Name.ToString()));
        Assert.InRange(await log.Database.StreamLengthAsync(K("bounded")), 100, 250);
        Assert.False(await log.Database.KeyExistsAsync(log.Keys.Checkpoint(0, "g")));
    }

    [Theory]
    [InlineData(null, "5-0", "5-0")]
    [InlineData("5-0", "5-1", "5-1")]
    [InlineData("9-9", "10-0", "10-0")]
    [InlineData("5-1", "5-1", "5-1")]
    [InlineData("5-10", "5-9", "5-10")]
    [InlineData("1795348810123-1", "1795348807817-0", "1795348810123-1")]
    [InlineData("no position", "5-0", "5-0")]
    public async Task A_position_never_goes_back(string? stored, string next, string left)
    {
        var (log, owned) = await OwnAsync();
        var key = log.Keys.InPartition(0, "positions");
        if (stored is not null) await log.Database.HashSetAsync(key, "route", stored);

        var batch = owned.NewBatch();
        batch.Advance(key, "route"u8, StreamId.Parse(next));
        Assert.IsType<CommitOutcome.Applied>(await owned.CommitAsync(batch, default));

        Assert.Equal(left, await log.Database.HashGetAsync(key, "route"));
    }

    [Fact]
    public async Task A_wrong_type_anywhere_writes_nothing_and_names_every_such_key()
    {
        var (log, owned) = await OwnAsync();
        string K(string name) => log.Keys.InPartition(0, name);
        await log.Database.StringSetAsync(K("hash2"), "x");
        await log.Database.StringSetAsync(K("zset"), "x");
        await log.Database.StringSetAsync(K("stream"), "x");

        var batch = owned.NewBatch();
        batch.SetHash(K("hash1"), [Field("a", "1")]);
        batch.SetHash(K("hash2"), [Field("a", "1")]);
        batch.AddToSortedSet(K("zset"), "m"u8);
        batch.AppendToStream(K("stream"), [Field("a", "1")]);
        var outcome = await owned.CommitAsync(batch, default);

        Assert.Equal([K("hash2"), K("zset"), K("stream")], Assert.IsType<CommitOutcome.WrongType>(outcome).Keys);
        Assert.False(await log.Database.KeyExistsAsync(K("hash1")));
        foreach (var key in Assert.IsType<CommitOutcome.WrongType>(outcome).Keys) batch.Skip(key);
        Assert.IsType<CommitOutcome.Applied>(await owned.CommitAsync(batch, default));
        Assert.True(await log.Database.KeyExistsAsync(K("hash1")));
        Assert.Equal("x", await log.Database.StringGetAsync(K("hash2")));
    }

    [Fact]
    public async Task A_former_owner_writes_nothing()
    {
        var (log, owned) = await OwnAsync();
        var key = log.Keys.InPartition(0, "hash");
        var batch = owned.NewBatch();
        batch.SetHash(key, [Field("a", "1")]);

        // The same owner with a later epoch fences its own earlier one.
        await new Lease(log.Connection, log.Keys, "g", "a").AcquireAsync(0, TimeSpan.FromMinutes(1), 0);

        Assert.IsType<CommitOutcome.LeaseLost>(await owned.CommitAsync(batch, default));
        Assert.False(await log.Database.KeyExistsAsync(key));
    }

    [Fact]
    public async Task A_hash_outside_the_partition_gets_and_loses_fields_under_the_same_fence()
    {
        var (log, owned) = await OwnAsync();
        var key = $"outside-{Guid.NewGuid():N}:1";
        await log.Database.HashSetAsync(key, [new("old", 1), new("gone", 1), new("somebody's", 1)]);
        var batch = owned.NewBatch();
        batch.SetHashOutside(key, [Field("new", "2"), Field("old", "3")], ["gone"u8.ToArray(), "never there"u8.ToArray()]);
        string[] expected = ["new=2", "old=3", "somebody's=1"];

        Assert.IsType<CommitOutcome.Applied>(await owned.CommitAsync(batch, default));
        Assert.Equal(expected, (await log.Database.HashGetAllAsync(key)).Select(entry => $"{entry.Name}={entry.Value}").Order());

        await new Lease(log.Connection, log.Keys, "g", "a").AcquireAsync(0, TimeSpan.FromMinutes(1), 0);
        batch.Clear();
        batch.SetHashOutside(key, [Field("old", "of a former owner")], ["new"u8.ToArray()]);

        Assert.IsType<CommitOutcome.LeaseLost>(await owned.CommitAsync(batch, default));
        Assert.Equal(expected, (await log.Database.HashGetAllAsync(key)).Select(entry => $"{entry.Name}={entry.Value}").Order());
        await log.Database.KeyDeleteAsync(key);
    }

    [Fact]
    public async Task A_moved_checkpoint_writes_nothing()
    {
        var (log, owned) = await OwnAsync();
        var key = log.Keys.InPartition(0, "hash");
        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "g"), "7-0");
        var batch = owned.NewBatch();
        batch.SetHash(key, [Field("a", "1")]);
        var committer = new BatchCommitter(log.Connection, log.Keys, log.Metrics, TimeProvider.System);

        var outcome = await committer.CommitAsync(owned, batch, new CheckpointMove(StreamId.Zero, new StreamId(5, 0), null, []), default);

        Assert.Equal(new CommitOutcome.CheckpointMoved(new StreamId(7, 0)), outcome);
        Assert.False(await log.Database.KeyExistsAsync(key));
        Assert.Equal("7-0", await log.Database.StringGetAsync(log.Keys.Checkpoint(0, "g")));
    }

    [Fact]
    public void A_key_of_another_partition_or_two_types_is_a_bug()
    {
        var keys = new StreamKeys("wgmonitor");
        var batch = new FencedBatch(1);

        Assert.Throws<ArgumentException>(() => batch.DeleteKey(keys.InPartition(2, "x")));
        Assert.Throws<ArgumentException>(() => batch.DeleteKey(keys.InPartition(11, "x")));
        batch.SetHash(keys.InPartition(1, "x"), [Field("a", "1")]);
        Assert.Throws<InvalidOperationException>(() => batch.AddToSortedSet(keys.InPartition(1, "x"), "x"u8));
    }

    private async Task<(Log Log, OwnedPartition Owned)> OwnAsync()
    {
        var log = await Log.CreateAsync(shared.Server);
        var grant = await new Lease(log.Connection, log.Keys, "g", "a").AcquireAsync(0, TimeSpan.FromMinutes(1), 0);
        var committer = new BatchCommitter(log.Connection, log.Keys, log.Metrics, TimeProvider.System);
        return (log, new OwnedPartition(0, "g", log.Keys, grant!.Value, committer, default));
    }

    private static EventField Field(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
