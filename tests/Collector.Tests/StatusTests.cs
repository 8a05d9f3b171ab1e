using System.Text;
using StackExchange.Redis;
using WgMonitor.Collector.Tests.Fuzzing;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests;

/// <summary>What a running collector says of itself in Redis.</summary>
public class StatusTests
{
    private const string Quick = "status_interval = \"100ms\"\n";

    private static CollectorStatusStore Store(IConnectionMultiplexer connection, RedisServer redis) => new(connection, new(new StreamKeys(redis.KeyPrefix)));

    private static async Task<CollectorStatus> SaidAsync(RedisServer redis, Func<CollectorStatus, bool> condition)
    {
        await using var connection = await redis.ConnectAsync();
        CollectorStatus? found = null;
        await Wait.Until(async () => (found = (await Store(connection, redis).ReadAsync(default)).FirstOrDefault(condition)) is not null, "the collector says what is waited for");
        return found!;
    }

    [Fact]
    public async Task Counters_listeners_and_escaped_samples_stand_in_the_status()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick, "source_lines_per_second = 0\nhosts_max = 1\n");
        using var sender = new SyslogSender(collector.Port);

        sender.Send(TestPipeline.Bytes(TestPipeline.L0));
        sender.Send(TestPipeline.Bytes(TestPipeline.L0.Replace("vpn-01", "vpn-02")));
        sender.Send(TestPipeline.Bytes("<7>\u001b[31mbad \u00ff"));
        sender.Send(TestPipeline.Bytes("<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Doing something new \u00ff"));
        sender.Send([]);
        var status = await SaidAsync(redis, status => status.Lines.Received == 5 && status.Lines.EventsAppended == 2);

        Assert.Equal((2, 1, 1), (status.Lines.Events, status.Lines.Ignored["empty"], status.Lines.Dropped["cardinality"]));
        Assert.Equal((1, 1), (status.Lines.Limits["hosts"], status.Lines.Unrecognized));
        Assert.Equal(status.Lines.Received, status.Lines.Events + status.Lines.Ignored.Values.Sum() + status.Lines.Rejected.Values.Sum() + status.Lines.Dropped.Values.Sum());
        Assert.Equal(("udp", $"127.0.0.1:{collector.Port}", 0), Assert.Single(status.Listeners) is var listener ? (listener.Protocol, listener.Address, listener.SocketDrops) : default);
        Assert.Equal(("memory", Environment.MachineName), (status.Durability, status.Machine));
        Assert.InRange(status.WrittenAt, status.StartedAt, long.MaxValue);
        Assert.Equal(["unrecognized", "rejected", "dropped"], status.Samples.Select(sample => sample.Kind));
        Assert.Equal("<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Doing something new \\xff", status.Samples[0].Text);
        Assert.Equal("<7>\\x1b[31mbad \\xff", status.Samples[1].Text);
        Assert.StartsWith("127.0.0.1:", status.Samples[1].Source);
        Assert.Equal(("cardinality", TestPipeline.L0.Replace("vpn-01", "vpn-02")), (status.Samples[2].Reason, status.Samples[2].Text));
    }

    [Fact]
    public async Task Who_is_not_allowed_to_send_is_named_and_nothing_of_what_he_sends_is_kept()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick + "allow = [\"192.0.2.0/24\"]\n");
        using var sender = new SyslogSender(collector.Port);

        sender.Send(TestPipeline.Bytes(TestPipeline.L0));
        var status = await SaidAsync(redis, status => status.Lines.Received == 1);

        var sample = Assert.Single(status.Samples);
        Assert.Equal(("dropped", "source_not_allowed", ""), (sample.Kind, sample.Reason, sample.Text));
        Assert.StartsWith("127.0.0.1:", sample.Source);
    }

    [Fact]
    public async Task H116_a_flood_of_distinct_bad_lines_leaves_a_status_of_bounded_size()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick);
        var generator = new DatagramGenerator(Seed.Print());
        for (var n = 0; n < 100_000; n++) collector.Pipeline.Accept(generator.Next(), TestPipeline.Received, TestPipeline.Source);
        for (var n = 0; n < 1000; n++) collector.Pipeline.Accept(TestPipeline.Bytes($"<7>{new string('\u00ff', 5000)} {n}"), TestPipeline.Received, TestPipeline.Source);

        var status = await SaidAsync(redis, status => status.Lines.Received == 101_000);

        Assert.Equal(CollectorStatus.SamplesMax, status.Samples.Count);
        Assert.Equal(status.Lines.Rejected.Keys.Order(), status.Samples.Where(sample => sample.Kind == "rejected").Select(sample => sample.Reason).Distinct().Order());
        Assert.All(status.Samples, sample => Assert.DoesNotContain(sample.Text, letter => letter is < ' ' or > '~'));
        await using var connection = await redis.ConnectAsync();
        var written = await connection.GetDatabase().HashGetAsync(new CollectorKeys(new(redis.KeyPrefix)).Status(status.Id), "status");
        Assert.InRange(Encoding.UTF8.GetByteCount(written.ToString()), 1000, 32_000);
    }

    /// <summary>What further keys the folded state may have is bounded by the section [state].</summary>
    [Fact]
    public async Task H111_a_flood_of_peers_adds_no_key()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis, Quick, "source_lines_per_second = 0\npeers_per_interface_max = 100\n");
        await using var connection = await redis.ConnectAsync();
        void Flood(int from, int to)
        {
            for (var peer = from; peer < to; peer++)
                collector.Pipeline.Accept(TestPipeline.Bytes($"<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Peer {peer} created"), TestPipeline.Received, TestPipeline.Source);
        }
        Flood(0, 200);
        await SaidAsync(redis, status => status.Lines.EventsAppended == 100);
        var keys = await KeysAsync();

        Flood(0, 100_000);
        var status = await SaidAsync(redis, status => status.Lines.Received == 100_200 && status.Lines.EventsAppended == 200);

        Assert.Equal(100_000, status.Lines.Dropped["cardinality"]);
        Assert.Equal(keys, await KeysAsync());

        // Those in which the collector tells of itself, three at most, come and go with the time.
        async Task<string[]> KeysAsync()
        {
            var all = await connection.GetServers().Single().KeysAsync().Select(key => key.ToString()).ToArrayAsync();
            var own = all.Where(key => key.StartsWith($"{redis.KeyPrefix}:collector", StringComparison.Ordinal)).ToArray();
            Assert.InRange(own.Length, 0, 3);
            return [.. all.Except(own).Order()];
        }
    }

    [Fact]
    public async Task A_collector_that_ended_is_forgotten_soon()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        await using (var collector = await TestCollector.StartAsync(redis, Quick))
        {
            await SaidAsync(redis, _ => true);
        }

        await Wait.Until(async () => (await Store(connection, redis).ReadAsync(default)).Count == 0, "the status expires");
        // Its time begins a moment later.
        await Wait.Until(async () => !await connection.GetDatabase().KeyExistsAsync(new CollectorKeys(new(redis.KeyPrefix)).Index), "the index expires");
    }

    [Fact]
    public async Task What_others_write_under_these_keys_is_left_out()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick);
        await using var connection = await redis.ConnectAsync();
        var keys = new CollectorKeys(new(redis.KeyPrefix));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (var (id, status) in new[] { ("broken", "{"), ("empty", "{}"), ("other", """{"id":"else"}""") })
        {
            await connection.GetDatabase().HashSetAsync(keys.Status(id), "status", status);
            await connection.GetDatabase().SortedSetAddAsync(keys.Index, id, now + 60_000);
        }
        await connection.GetDatabase().StringSetAsync(keys.Status("string"), "x");
        await connection.GetDatabase().SortedSetAddAsync(keys.Index, "string", now + 60_000);

        await SaidAsync(redis, status => status.Listeners.Count == 1);

        Assert.Single(await Store(connection, redis).ReadAsync(default));
    }
}
