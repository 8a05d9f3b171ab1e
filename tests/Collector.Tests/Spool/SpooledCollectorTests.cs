using System.Text;
using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Spool;

/// <summary>A real collector with a spool between a UDP sender and a real redis-server that goes away in every way.</summary>
public sealed class SpooledCollectorTests : IDisposable
{
    private static readonly Pace Calm = Pace.Messages(20_000);

    private readonly TempDirectory directory = new();

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(int from, int to) => Enumerable.Range(from, to - from).Select(
        n => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"<7>Nov 22 12:00:00 vpn-01 kernel: [12345.678901] wireguard: wg0: Keypair {n} created for peer 17"));

    private Task<TestCollector> StartAsync(RedisServer redis, string durability, string more = "", string spool = "", int? redisPort = null) =>
        TestCollector.StartAsync(redis, $"{more}[collector.spool]\ndurability = \"{durability}\"\ndirectory = \"{directory.File("spool")}\"\n{spool}", redisPort: redisPort);

    private static async Task<List<int>> KeypairsAsync(RedisServer redis) => [.. (await TestCollector.ReadLogAsync(redis)).Where(fields => fields["event"] == "keypair-created.v1").Select(fields => int.Parse(fields["keypair"]))];

    private static Task AllAppended(TestCollector collector, long received) => Wait.Until(
        () => collector.Counts().Received >= received && collector.Buffer.EventCount == 0 && collector.Spool.Status.EventsWaiting == 0,
        $"{received} lines are received and appended; first {collector.Counts().Received}, {collector.Buffer.EventCount}, {collector.Spool.Status}", TimeSpan.FromSeconds(40));

    [Theory]
    [InlineData("disk")]
    [InlineData("fsync")]
    public async Task Lines_that_a_killed_redis_had_taken_and_lost_are_appended_again(string durability) => await KillAsync(durability, (_, _) => Task.CompletedTask);

    [Theory]
    [InlineData("disk")]
    [InlineData("fsync")]
    public async Task Lines_that_a_killed_redis_had_acknowledged_and_lost_are_appended_again(string durability)
    {
        var rewinds = await KillAsync(durability, async (redis, collector) =>
        {
            // From here on it acknowledges and keeps nothing, as with a disk that is too slow for its log.
            await using (var connection = await redis.ConnectAsync()) await connection.GetDatabase().ExecuteAsync("CONFIG", "SET", "appendonly", "no");
            await FlowAsync(collector, 2000);
        });

        Assert.True(rewinds >= 4, $"{rewinds} rewinds");
    }

    /// <summary>Kills Redis four times while lines flow, and looks whether all stand in the log once and in order.</summary>
    /// <returns>How often the collector found that the log had lost something.</returns>
    private async Task<double> KillAsync(string durability, Func<RedisServer, TestCollector, Task> before)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, durability);
        using var sender = new SyslogSender(collector.Port);

        using var stop = new CancellationTokenSource();
        var sending = sender.SendUntilAsync(Lines, Pace.Messages(5000), stop.Token);
        for (var kills = 0; kills < 4; kills++)
        {
            await FlowAsync(collector, 4000);
            await before(redis, collector);
            await redis.RestartAsync(kill: true);
        }
        await stop.CancelAsync();
        var sent = await sending;
        await AllAppended(collector, sent);

        Assert.Equal([(0, sent - 1)], Runs(await KeypairsAsync(redis)));
        return (await collector.ScrapeAsync())["wgmonitor_collector_spool_rewinds_total"];
    }

    private static async Task FlowAsync(TestCollector collector, int lines)
    {
        var target = collector.Counts().Received + lines;
        await Wait.Until(() => collector.Counts().Received >= target, "lines flow");
    }

    /// <summary>The first and last of numbers that follow each other: says at a glance what is missing, doubled or in another place.</summary>
    private static List<(int First, int Last)> Runs(List<int> numbers)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1) runs[^1] = (runs[^1].First, number);
            else runs.Add((number, number));
        }
        return runs;
    }

    /// <summary>One batch a round trip would take 80 s.</summary>
    [Fact]
    public async Task F27_a_redis_that_is_far_away_gets_more_than_a_batch_a_round_trip()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        using var link = new SlowLink(redis.Port, TimeSpan.FromMilliseconds(200));
        await using var collector = await StartAsync(redis, "disk", "batch_age_max = \"1ms\"\n", redisPort: link.Port);
        using var sender = new SyslogSender(collector.Port);

        await sender.SendAsync(Lines(0, 400), Pace.Messages(50));
        await AllAppended(collector, 400);

        Assert.Equal([(0, 399)], Runs(await KeypairsAsync(redis)));
        Assert.Equal(0, (await collector.ScrapeAsync())["wgmonitor_collector_spool_rewinds_total"]);
    }

    [Fact]
    public async Task A_redis_that_came_back_older_gets_what_it_lost_and_nothing_twice()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, "disk");
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync(Lines(0, 3000), Calm);
        await AllAppended(collector, 3000);
        await using (var connection = await redis.ConnectAsync())
            await connection.GetDatabase().ExecuteAsync("FLUSHALL");

        await sender.SendAsync(Lines(3000, 3100), Calm);
        await AllAppended(collector, 3100);

        Assert.Equal(Enumerable.Range(0, 3100), await KeypairsAsync(redis));
        Assert.True((await collector.ScrapeAsync())["wgmonitor_collector_spool_rewinds_total"] >= 1);
    }

    [Fact]
    public async Task While_redis_is_away_lines_wait_on_disk_beyond_what_memory_may_hold()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, "disk", "buffer_events_max = 5000\n");
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync(Lines(0, 100), Calm);
        await AllAppended(collector, 100);

        await redis.StopAsync();
        await sender.SendAsync(Lines(100, 40_000), Calm);
        await Wait.Until(() => collector.Counts().Received == 40_000, "lines are received");
        await Wait.Until(() => collector.Spool.Status.EventsWaiting == 39_900, "lines are spooled");
        Assert.True(collector.Spool.Status.OldestAge > TimeSpan.Zero);
        await redis.StartAgainAsync();
        await AllAppended(collector, 40_000);

        Assert.Equal(Enumerable.Range(0, 40_000), await KeypairsAsync(redis));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Dropped));
    }

    [Fact]
    public async Task Without_memory_or_as_a_replica_redis_gets_everything_afterwards_in_order()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, "disk");
        await using var connection = await redis.ConnectAsync();
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync(Lines(0, 1000), Calm);
        await AllAppended(collector, 1000);

        await connection.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await sender.SendAsync(Lines(1000, 5000), Calm);
        await Wait.Until(() => collector.Spool.Status.EventsWaiting == 4000, "lines wait for memory");
        await connection.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await AllAppended(collector, 5000);
        await connection.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await sender.SendAsync(Lines(5000, 9000), Calm);
        await Wait.Until(() => collector.Spool.Status.EventsWaiting == 4000, "lines wait for a primary");
        await connection.GetServers()[0].ExecuteAsync("REPLICAOF", "NO", "ONE");
        await AllAppended(collector, 9000);

        Assert.Equal(Enumerable.Range(0, 9000), await KeypairsAsync(redis));
    }

    [Fact]
    public async Task A_stop_without_redis_is_short_and_the_next_start_sends_what_was_left()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using (var collector = await StartAsync(redis, "fsync", "drain_max = \"2s\"\n"))
        {
            using var sender = new SyslogSender(collector.Port);
            await sender.SendAsync(Lines(0, 2000), Calm);
            await Wait.Until(() => collector.Counts().Received == 2000, "lines are received");
            await collector.StopAsync();
            Assert.Equal(0, collector.Buffer.EventCount);
        }

        await redis.StartAgainAsync();
        await using var next = await StartAsync(redis, "fsync");
        using var again = new SyslogSender(next.Port);
        await again.SendAsync(Lines(2000, 3000), Calm);
        await AllAppended(next, 1000);

        Assert.Equal(Enumerable.Range(0, 3000), await KeypairsAsync(redis));
    }

    [Fact]
    public async Task An_event_is_durable_when_it_is_on_disk_although_redis_is_away()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await StartAsync(redis, "fsync", "drain_max = \"200ms\"\n");

        Assert.True(collector.Pipeline.TryAccept(Lines(1, 2).Single().Span, TestPipeline.Received, TestPipeline.Source, out var outcome, out var position));

        Assert.Equal(LineOutcome.Event, outcome);
        await collector.Pipeline.WaitDurableAsync(position, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, collector.Spool.Status.EventsWaiting);
    }

    [Fact]
    public async Task A_full_spool_drops_the_oldest_datagrams_and_counts_them()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, "disk", "status_interval = \"1m\"\n", spool: "bytes_max = \"16MiB\"\n");
        await redis.StopAsync();
        const int lines = 300_000;
        foreach (var line in Lines(0, lines)) collector.Pipeline.Accept(line.Span, TestPipeline.Received, TestPipeline.Source);
        var taken = lines - collector.Counts().Of(LineOutcomeKind.Dropped);
        await Wait.Until(() => collector.Spool.Status is var spool && spool.EventsWaiting + spool.DroppedEvents == taken, "lines are spooled");
        Assert.True(collector.Spool.Status.DroppedEvents > 0);
        await redis.StartAgainAsync();
        await AllAppended(collector, lines);

        var numbers = await KeypairsAsync(redis);
        Assert.Equal(lines - collector.Counts().Of(LineOutcomeKind.Dropped), numbers.Count + collector.Spool.Status.DroppedEvents);
        Assert.Equal(numbers.Order().Distinct(), numbers);
        Assert.Equal(lines - 1, numbers[^1]);
    }

    [Fact]
    public async Task A_full_spool_that_may_drop_nothing_makes_senders_wait()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await StartAsync(redis, "disk", "buffer_events_max = 1000\n", "bytes_max = \"16MiB\"\nwhen_full = \"block\"\n");
        await redis.StopAsync();
        var accepted = 0;
        foreach (var line in Lines(0, 1_000_000))
        {
            while (!collector.Pipeline.TryAccept(line.Span, TestPipeline.Received, TestPipeline.Source, out _, out _))
            {
                if (collector.Spool.Status.IsFull) break;
                await Task.WhenAny(collector.Pipeline.WaitForRoomAsync(TestContext.Current.CancellationToken), Task.Delay(100, TestContext.Current.CancellationToken));
            }
            if (collector.Spool.Status.IsFull) break;
            accepted++;
        }
        Assert.InRange(accepted, 10_000, 999_999);
        var room = collector.Pipeline.WaitForRoomAsync(TestContext.Current.CancellationToken);

        await redis.StartAgainAsync();
        await room.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Wait.Until(() => collector.Buffer.EventCount == 0 && collector.Spool.Status.EventsWaiting == 0, "all is appended");

        var received = (int)collector.Counts().Received;
        Assert.Equal(Enumerable.Range(0, received), await KeypairsAsync(redis));
        Assert.Equal(0, collector.Spool.Status.DroppedEvents);
    }

    [Fact]
    public async Task A_directory_in_use_is_said_in_one_sentence()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis, "disk");

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(redis, "disk"));

        Assert.Contains("collector.spool.directory: is used by another collector; give each its own", error.Message);
    }

    public void Dispose() => directory.Dispose();
}
