using System.Globalization;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Coverage;

/// <summary>What a collector on a real Redis tells of lines that are missing.</summary>
public sealed class CoverageTests
{
    private const string Named = "name = \"c1\"\nstatus_interval = \"100ms\"\n";
    private const string Udp = "[[collector.listen]]\naddress = \"127.0.0.1:0\"\n";
    private const string Relp = "[[collector.listen]]\nprotocol = \"relp\"\naddress = \"127.0.0.1:0\"\n";
    private const string Tcp = "[[collector.listen]]\nprotocol = \"tcp\"\naddress = \"127.0.0.1:0\"\n";

    private static ReadOnlyMemory<byte> Line(int n, string host = "vpn-01") => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 - {host} kernel - - - [{100 + n / 1_000_000}.{n % 1_000_000:D6}] wireguard: wg0: Keypair {n} created for peer 7"));

    private static async Task<List<Dictionary<string, string>>> ToldAsync(RedisServer redis, string kind) =>
        [.. (await TestCollector.ReadLogAsync(redis)).Where(e => e["event"] == kind)];

    private static long Now => UnixMicroseconds.Now(TimeProvider.System);

    private static async Task SafeAsync(RedisServer redis, string collector, long after)
    {
        await using var connection = await redis.ConnectAsync();
        await Wait.Until(
            async () => (long)await connection.GetDatabase().HashGetAsync($"{redis.KeyPrefix}:collector-run:{collector}", "whole_until") > after, "the run's record moves on");
    }

    [Fact]
    public async Task The_time_between_two_runs_is_told_of_every_host_that_sends_datagrams_with_its_bounds()
    {
        await using var redis = await RedisServer.StartAsync();
        long stopped;
        await using (var first = await TestCollector.StartAsync(redis, Named, listen: Udp))
        {
            using var sender = new SyslogSender(first.Port);
            await sender.SendAsync([Line(1), Line(2), Line(1, "vpn-02")]);
            await first.AllAppended(3);
            await SafeAsync(redis, "c1", Now);
            stopped = Now;
            await first.StopAsync();
        }
        var started = Now;
        await using var second = await TestCollector.StartAsync(redis, Named, listen: Udp);
        await Wait.Until(async () => (await ToldAsync(redis, "lines-lost.v1")).Count == 2, "the outage is told");

        var told = await ToldAsync(redis, "lines-lost.v1");
        Assert.Equal(["vpn-01", "vpn-02"], told.Select(e => e["host"]).Order());
        Assert.All(told, e => Assert.Equal((LossReasons.CollectorOutage, "0", "", ""), (e["reason"], e["count"], e["uptime"], e["trust"])));
        Assert.All(told, e => Assert.InRange(long.Parse(e["from"]), stopped, started));
        Assert.All(told, e => Assert.InRange(long.Parse(e["to"]), started, Now));

        // Told once, however long it runs.
        await SafeAsync(redis, "c1", Now);
        Assert.Equal(2, (await ToldAsync(redis, "lines-lost.v1")).Count);
    }

    [Fact]
    public async Task A_sender_that_keeps_what_is_not_acknowledged_has_no_gap_and_one_that_does_not_has()
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var first = await TestCollector.StartAsync(redis, Named, listen: Relp + Tcp))
        {
            await using var relp = await StreamSender.ConnectAsync(first.Stream(0));
            await relp.SendAsync("1 open 49 relp_version=0\nrelp_software=test\ncommands=syslog\n");
            await relp.SendAsync($"2 syslog {Line(1, "by-relp").Length} {Encoding.ASCII.GetString(Line(1, "by-relp").Span)}\n");
            await using var tcp = await StreamSender.ConnectAsync(first.Stream(1));
            await tcp.SendAsync(Encoding.ASCII.GetString(Line(1, "by-tcp").Span) + "\n");
            await first.AllAppended(2);
            await SafeAsync(redis, "c1", Now);
        }
        await using var second = await TestCollector.StartAsync(redis, Named, listen: Relp + Tcp);
        await Wait.Until(async () => (await ToldAsync(redis, "lines-lost.v1")).Count > 0, "the outage is told");
        await SafeAsync(redis, "c1", Now);

        var told = Assert.Single(await ToldAsync(redis, "lines-lost.v1"));
        Assert.Equal(("by-tcp", "tcp"), (told["host"], told["trust"]));
    }

    [Fact]
    public async Task F42_a_host_that_stops_sending_is_told_once_and_again_after_it_spoke()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Named, listen: Udp + "[collector.silence]\nafter_min = \"500ms\"\n");
        using var sender = new SyslogSender(collector.Port);

        for (var round = 1; round <= 2; round++)
        {
            await sender.SendAsync(Enumerable.Range(1000 * round, 30).Select(n => Line(n)), Pace.Messages(25));
            await Wait.Until(async () => (await ToldAsync(redis, "host-silent.v1")).Count == round, "the silence is told");
        }

        var log = (await TestCollector.ReadLogAsync(redis)).Where(e => e["host"] == "vpn-01").ToList();
        var told = log.Where(e => e["event"] == "host-silent.v1").ToList();
        Assert.All(told, e => Assert.Equal(log[log.IndexOf(e) - 1]["received"], e["from"]));
        Assert.All(told, e => Assert.InRange(long.Parse(e["usual"]), 0, 500_000));
        Assert.Equal(1, (await collector.ScrapeAsync())["wgmonitor_collector_hosts_silent"]);
    }

    [Fact]
    public async Task F42_a_host_that_died_while_the_collector_was_away_is_told_by_its_next_run()
    {
        await using var redis = await RedisServer.StartAsync();
        const string silence = "[collector.silence]\nafter_min = \"800ms\"\n";
        await using (var first = await TestCollector.StartAsync(redis, Named, listen: Udp + silence))
        {
            using var sender = new SyslogSender(first.Port);
            await sender.SendAsync(Enumerable.Range(0, 40).Select(n => Line(n)), Pace.Messages(25));
            await first.AllAppended(40);
            await first.StopAsync();
        }
        var started = Now;
        await using var second = await TestCollector.StartAsync(redis, Named, listen: Udp + silence);

        await Wait.Until(async () => (await ToldAsync(redis, "host-silent.v1")).Count == 1, "the silence is told");

        Assert.InRange(long.Parse((await ToldAsync(redis, "host-silent.v1"))[0]["from"]), started, Now);
    }

    [Fact]
    public async Task F18_an_end_of_the_log_that_Redis_lost_is_told_of_the_hosts_of_that_partition()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Named, listen: Udp);
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync([Line(1)]);
        await collector.AllAppended(1);
        await using var connection = await redis.ConnectAsync();
        var mark = connection.GetServers()[0].Keys(pattern: $"{redis.KeyPrefix}:*:producer:*").Single().ToString();
        var (from, kept) = (Now, await connection.GetDatabase().StringGetAsync(mark));
        await Wait.Until(() => Now > from + 1_100_000, "another second begins");
        await sender.SendAsync([Line(2)]);
        await collector.AllAppended(2);
        // As after a failover to a replica that had the first batch only.
        var log = $"{redis.KeyPrefix}:{mark.Split(':')[1]}:events";
        var last = (await connection.GetDatabase().StreamRangeAsync(log, count: 1, messageOrder: StackExchange.Redis.Order.Descending))[0];
        await connection.GetDatabase().StreamDeleteAsync(log, [last.Id]);
        await connection.GetDatabase().StringSetAsync(mark, kept);

        await sender.SendAsync([Line(3)]);
        await Wait.Until(async () => (await ToldAsync(redis, "history-rewound.v1")).Count == 1, "the rewind is told");

        var told = (await ToldAsync(redis, "history-rewound.v1"))[0];
        Assert.Equal("vpn-01", told["host"]);
        Assert.InRange(long.Parse(told["from"]), from - 2_000_000, from);
        Assert.InRange(long.Parse(told["to"]), from + 1_000_000, Now);
        Assert.Equal(["1", "3"], (await TestCollector.ReadLogAsync(redis)).Where(e => e["event"] == "keypair-created.v1").Select(e => e["keypair"]));
    }

    [Fact]
    public async Task Lines_that_found_no_room_are_told_with_their_number_once_there_is_room()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(
            redis, Named + "buffer_events_max = 500\nbatch_events_max = 100\nretry_pause_max = \"50ms\"\n", listen: Udp);
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync([Line(0)]);
        await collector.AllAppended(1);
        redis.Pause();
        await sender.SendAsync(Enumerable.Range(1, 800).Select(n => Line(n)), Pace.Messages(5_000));
        await Wait.Until(() => collector.Counts().Received == 801, "the lines are received");
        var dropped = collector.Counts().Of(LineOutcome.DroppedBufferFull);
        Assert.InRange(dropped, 1, 800);

        redis.Resume();
        await Wait.Until(async () => (await ToldAsync(redis, "lines-lost.v1")).Sum(e => int.Parse(e["count"])) == dropped, "the loss is told");

        Assert.All(await ToldAsync(redis, "lines-lost.v1"), e => Assert.Equal(LossReasons.BufferFull, e["reason"]));
    }
}
