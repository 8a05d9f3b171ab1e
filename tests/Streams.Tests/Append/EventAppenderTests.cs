using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Append;

public class EventAppenderTests(SharedRedis shared)
{
    [Fact]
    public async Task A_batch_sent_twice_is_appended_once()
    {
        var log = await Log.CreateAsync(shared.Server);
        var batch = Numbers.Batch([1, 2, 3]);

        var first = await log.Appender.AppendAsync(0, "c1", 7, batch, default);
        var second = await log.Appender.AppendAsync(0, "c1", 7, batch, default);

        var last = (await log.Database.StreamRangeAsync(log.Keys.Events(0))).Last().Id.ToString();
        Assert.Equal(new AppendOutcome.Appended(StreamId.Parse(last)), first);
        Assert.Equal(new AppendOutcome.AlreadyAppended(7), second);
        Assert.Equal((int[])[1, 2, 3], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task A_lower_number_adds_nothing_and_other_producers_and_partitions_count_for_themselves()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.Partitions = 2);
        await log.AppendAsync(0, "c1", 9, 1);

        Assert.Equal(new AppendOutcome.AlreadyAppended(9), await log.Appender.AppendAsync(0, "c1", 8, Numbers.Batch([2]), default));
        await log.AppendAsync(0, "c2", 1, 3);
        await log.AppendAsync(1, "c1", 1, 4);
        await log.AppendAsync(0, "c1", 10, 5);

        Assert.Equal((int[])[1, 3, 5], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
        Assert.Equal((int[])[4], await Numbers.InAsync(log.Database, log.Keys.Events(1)));
        var ttl = await log.Database.KeyTimeToLiveAsync(log.Keys.ProducerMark(0, "c1"));
        Assert.InRange(ttl!.Value, TimeSpan.FromDays(6.9), TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task A_log_that_lost_its_end_takes_nothing_until_the_end_is_sent_again()
    {
        var log = await Log.CreateAsync(shared.Server);
        const long far = EventAppender.NumberLimit - 10;
        await log.AppendAsync(0, "c1", far, 1);
        Assert.Equal(0, await log.Appender.ReadMarkAsync(0, "c2", default));
        Assert.Equal(far, await log.Appender.ReadMarkAsync(0, "c1", default));

        var ahead = await log.Appender.AppendAsync(0, "c1", far + 3, far + 2, Numbers.Batch([4]), default);
        await log.AppendAsync(0, "c1", far + 1, 2);
        await log.AppendAsync(0, "c1", far + 2, 3);
        var next = await log.Appender.AppendAsync(0, "c1", far + 3, far + 2, Numbers.Batch([4]), default);

        Assert.Equal(new AppendOutcome.Rewound(far), ahead);
        Assert.IsType<AppendOutcome.Appended>(next);
        Assert.Equal((int[])[1, 2, 3, 4], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task A_batch_restored_from_its_packed_bytes_is_the_same_batch()
    {
        var log = await Log.CreateAsync(shared.Server);
        var original = Numbers.Batch([1, 2, 3]);
        var restored = Numbers.Batch([9, 9, 9, 9, 9]);

        restored.Restore(original.Count, original.PackedEvents.Span, original.PackedShapes.Span);

        Assert.Equal((original.Count, original.ByteCount), (restored.Count, restored.ByteCount));
        Assert.IsType<AppendOutcome.Appended>(await log.Appender.AppendAsync(0, "c1", 1, restored, default));
        restored.Clear();
        Numbers.Add(restored, 4);
        Assert.IsType<AppendOutcome.Appended>(await log.Appender.AppendAsync(0, "c1", 2, restored, default));
        Assert.Equal((int[])[1, 2, 3, 4], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task A_wrong_type_at_either_key_writes_nothing()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.Partitions = 2);
        await log.Database.ListLeftPushAsync(log.Keys.ProducerMark(0, "c1"), "x");
        await log.Database.StringSetAsync(log.Keys.Events(1), "x");

        Assert.Equal(new AppendOutcome.Refused("wrongtype"), await log.Appender.AppendAsync(0, "c1", 1, Numbers.Batch([1]), default));
        Assert.Equal(new AppendOutcome.Refused("wrongtype"), await log.Appender.AppendAsync(1, "c1", 1, Numbers.Batch([1]), default));

        Assert.False(await log.Database.KeyExistsAsync(log.Keys.Events(0)));
        Assert.False(await log.Database.KeyExistsAsync(log.Keys.ProducerMark(1, "c1")));
    }

    [Fact]
    public async Task Names_and_values_of_any_bytes_and_length_arrive_as_they_were()
    {
        var log = await Log.CreateAsync(shared.Server);
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var batch = new EventBatch();
        int[] lengths = [0, 1, 31, 32, 255, 256, 65535, 65536];
        foreach (var length in lengths)
        {
            batch.BeginEvent();
            batch.Field(all, new byte[length]);
            batch.Field("123"u8, "-7"u8);
            batch.EndEvent();
        }

        Assert.IsType<AppendOutcome.Appended>(await log.Appender.AppendAsync(0, "c1", 1, batch, default));

        var entries = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 100, default);
        Assert.Equal(lengths, entries.Select(entry => entry.Fields[0].Value.Length));
        Assert.All(entries, entry => Assert.True(entry.Fields[0].Name.Span.SequenceEqual(all)));
        Assert.All(entries, entry => Assert.True(entry.Fields[1].Value.Span.SequenceEqual("-7"u8)));
    }

    [Fact]
    public async Task A_forgotten_script_is_sent_again()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await log.AppendAsync(0, "c1", 1, 1);

        await log.Database.ExecuteAsync("SCRIPT", "FLUSH");

        await log.AppendAsync(0, "c1", 2, 2);
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task A_batch_whose_reply_was_lost_with_the_connection_is_appended_once()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await log.AppendAsync(0, "c1", 1, 1);
        var other = await log.ReconnectAsync();
        server.Pause();

        var sent = log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default);
        await Wait.Until(() => log.Connection.GetCounters().Interactive.SentItemsAwaitingResponse > 0, "the script is on its way");
        var disposal = log.Connection.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.IsNotType<AppendOutcome.Retry>(await sent));
        server.Resume();
        await disposal;

        await Wait.Until(async () => await other.Database.StreamLengthAsync(log.Keys.Events(0)) == 2, "the server executes what it had received");
        Assert.Equal(new AppendOutcome.AlreadyAppended(2), await other.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default));
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(other.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task A_batch_reused_after_nobody_waited_for_it_does_not_change_what_is_on_its_way()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await log.AppendAsync(0, "c1", 1, 0);
        await server.StopAsync();
        await Wait.Until(() => !log.Connection.IsConnected, "the client notices");
        var batch = Numbers.Batch(Enumerable.Repeat(1, 100));
        using var impatient = new CancellationTokenSource();
        var sent = log.Appender.AppendAsync(0, "c1", 2, batch, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);

        // The message waits in the client for the connection.
        batch.Clear();
        for (var i = 0; i < 100; i++) Numbers.Add(batch, 2);
        await server.StartAgainAsync();
        var other = await log.ReconnectAsync();
        await Wait.Until(async () => await other.Database.StreamLengthAsync(log.Keys.Events(0)) == 101, "the message arrives");

        Assert.Equal((int[])[0, .. Enumerable.Repeat(1, 100)], await Numbers.InAsync(other.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task Events_of_several_kinds_keep_their_own_names_from_batch_to_batch()
    {
        var log = await Log.CreateAsync(shared.Server);
        var batch = new EventBatch();
        for (var round = 1; round <= 3; round++)
        {
            batch.Clear();
            foreach (var kind in (string[])(round == 2 ? ["b", "c"] : ["a", "b", "a"]))
            {
                batch.BeginEvent();
                foreach (var letter in kind == "a" ? "xyz" : kind) batch.Field([(byte)letter], "v"u8);
                batch.EndEvent();
            }

            Assert.IsType<AppendOutcome.Appended>(await log.Appender.AppendAsync(0, "c1", round, batch, default));
        }

        var entries = await log.Database.StreamRangeAsync(log.Keys.Events(0));
        Assert.Equal(["xyz", "b", "xyz", "b", "c", "xyz", "b", "xyz"], entries.Select(entry => string.Concat(entry.Values.Select(pair => pair.Name))));
    }

    [Fact]
    public async Task Without_memory_a_batch_is_to_be_sent_again()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await log.AppendAsync(0, "c1", 1, 1);
        await log.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        var refused = await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default);
        await log.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        Assert.Equal(new AppendOutcome.Retry("oom"), refused);
        await log.AppendAsync(0, "c1", 2, 2);
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    [Fact]
    public async Task On_a_replica_a_batch_is_to_be_sent_again()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await log.AppendAsync(0, "c1", 1, 1);
        await log.Database.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        var refused = await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default);
        await Wait.Until(() => PromoteAsync(log), "the server is a master again");

        Assert.Contains(Assert.IsType<AppendOutcome.Retry>(refused).Reason, (string[])["readonly", "connection"]);
        await Wait.Until(async () => await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default) is AppendOutcome.Appended, "the client sees the master");
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }

    private static async Task<bool> PromoteAsync(Log log)
    {
        await log.Connection.GetServers()[0].ExecuteAsync("REPLICAOF", "NO", "ONE");
        return true;
    }

    [Fact]
    public async Task A_stopped_server_gives_retry_and_the_batch_arrives_once_when_it_is_back()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server, configure: configuration => configuration.AsyncTimeout = 300);
        await log.AppendAsync(0, "c1", 1, 1);
        await server.StopAsync();

        var outcome = await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default);
        Assert.Contains(Assert.IsType<AppendOutcome.Retry>(outcome).Reason, (string[])["timeout", "connection"]);
        await server.StartAgainAsync();

        await Wait.Until(
            async () => await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default) is AppendOutcome.Appended or AppendOutcome.AlreadyAppended, "Redis is back");
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, log.Keys.Events(0)));
    }
}
