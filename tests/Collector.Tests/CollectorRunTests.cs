using System.Text;
using WgMonitor.Collector.Tests.Fuzzing;
using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests;

/// <summary>A real collector between a UDP sender and a real redis-server.</summary>
public class CollectorRunTests
{
    private static readonly Pace Calm = Pace.Messages(20_000);

    private static ReadOnlyMemory<byte> Line(int n, string host = "vpn-01") =>
        Encoding.ASCII.GetBytes($"<7>Nov 22 12:00:00 {host} kernel: [12345.678901] wireguard: wg0: Keypair {n} created for peer 17");

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(int from, int to) => Enumerable.Range(from, to - from).Select(n => Line(n));

    private static async Task<List<int>> KeypairsAsync(RedisServer redis) => [.. (await TestCollector.ReadLogAsync(redis)).Where(fields => fields["event"] == "keypair-created.v1").Select(fields => int.Parse(fields["keypair"]))];

    private static Task AllAppended(TestCollector collector, long received) => Wait.Until(
        () => collector.Counts().Received >= received && collector.Buffer.EventCount == 0, $"{received} lines are received and appended");

    [Fact]
    public async Task Ten_thousand_datagrams_stand_in_the_log_once_and_in_order()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        await sender.SendAsync(Lines(0, 10_000), Calm);
        await AllAppended(collector, 10_000);

        Assert.Equal(Enumerable.Range(0, 10_000), await KeypairsAsync(redis));
        Assert.Equal(0, collector.Run.Listeners[0].Drops.Read());
    }

    [Fact]
    public async Task An_event_in_the_log_has_the_fields_of_its_line()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        sender.Send(TestPipeline.Bytes("<7>Nov 22 12:00:00 VPN-01 kernel: [12345.678901] wireguard: wg0: Receiving keepalive packet from peer 17 ([2001:db8::1]:51820/0%0)"));
        await AllAppended(collector, 1);

        var fields = Assert.Single(await TestCollector.ReadLogAsync(redis));
        Assert.Equal("event host at received uptime interface peer endpoint keypair trust", string.Join(' ', fields.Keys));
        Assert.Equal(
            "keepalive-received.v1 vpn-01 12345678901 wg0 17 [2001:db8::1]:51820",
            $"{fields["event"]} {fields["host"]} {fields["uptime"]} {fields["interface"]} {fields["peer"]} {fields["endpoint"]}");
        Assert.Equal(fields["received"], fields["at"]);
    }

    [Fact]
    public async Task Lines_of_many_hosts_keep_their_order_a_host()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        await sender.SendAsync(Enumerable.Range(0, 6000).Select(n => Line(n, $"vpn-{n % 40}")), Calm);
        await AllAppended(collector, 6000);

        var byHost = (await TestCollector.ReadLogAsync(redis)).GroupBy(fields => fields["host"]).ToList();
        Assert.Equal(40, byHost.Count);
        Assert.All(byHost, host => Assert.Equal(
            Enumerable.Range(0, 6000).Where(n => $"vpn-{n % 40}" == host.Key), host.Select(fields => int.Parse(fields["keypair"]))));
    }

    [Fact]
    public async Task A_redis_that_restarts_loses_and_doubles_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        using var stop = new CancellationTokenSource();
        var sending = sender.SendUntilAsync(Lines, Pace.Messages(5000), stop.Token);
        for (var restarts = 0; restarts < 3; restarts++)
        {
            var target = collector.Counts().Received + 3000;
            await Wait.Until(() => collector.Counts().Received >= target, "lines flow");
            await redis.RestartAsync();
        }
        await stop.CancelAsync();
        var sent = await sending;
        await AllAppended(collector, sent);

        Assert.Equal(Enumerable.Range(0, sent), await KeypairsAsync(redis));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Dropped));
    }

    [Fact]
    public async Task A_redis_that_freezes_loses_and_doubles_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);
        await sender.SendAsync(Lines(0, 1000), Calm);

        redis.Pause();
        await sender.SendAsync(Lines(1000, 4000), Calm);
        await Wait.Until(async () => (await collector.ScrapeAsync()).GetValueOrDefault("wgmonitor_stream_append_failures_total{reason=\"timeout\"}") >= 2, "appends time out");
        redis.Resume();
        await AllAppended(collector, 4000);

        Assert.Equal(Enumerable.Range(0, 4000), await KeypairsAsync(redis));
    }

    [Fact]
    public async Task A_collector_that_starts_before_redis_takes_lines_all_the_same()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        await sender.SendAsync(Lines(0, 1000), Calm);
        await Wait.Until(() => collector.Counts().Received == 1000, "lines are received");
        await redis.StartAgainAsync();
        await AllAppended(collector, 1000);

        Assert.Equal(Enumerable.Range(0, 1000), await KeypairsAsync(redis));
    }

    [Fact]
    public async Task A_full_buffer_drops_the_newest_lines_and_counts_them()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis, "buffer_events_max = 1000\n");
        using var sender = new SyslogSender(collector.Port);

        redis.Pause();
        await sender.SendAsync(Lines(0, 3000), Calm);
        await Wait.Until(() => collector.Counts().Received == 3000, "lines are received");
        Assert.Equal(2000, collector.Counts().Of(LineOutcome.DroppedBufferFull));
        redis.Resume();
        await AllAppended(collector, 3000);

        Assert.Equal(Enumerable.Range(0, 1000), await KeypairsAsync(redis));
    }

    [Fact]
    public async Task A_stop_takes_what_the_socket_holds_and_appends_what_was_accepted()
    {
        await using var redis = await RedisServer.StartAsync();
        var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);

        await sender.SendAsync(Lines(0, 5000), Pace.Messages(50_000));
        await collector.StopAsync();

        Assert.Equal(Enumerable.Range(0, 5000), await KeypairsAsync(redis));
        Assert.Equal(5000, collector.Counts().Received);
        await collector.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_without_redis_ends_in_time_and_says_what_is_lost()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis, "drain_max = \"500ms\"\n");
        using var sender = new SyslogSender(collector.Port);
        sender.Send(Line(0).Span);
        await AllAppended(collector, 1);

        redis.Pause();
        await sender.SendAsync(Lines(1, 101), Calm);
        await Wait.Until(() => collector.Counts().Received == 101, "lines are received");
        await collector.Run.StopAsync(CancellationToken.None);

        var series = await collector.ScrapeAsync();
        redis.Resume();
        Assert.Equal(100, series["wgmonitor_collector_events_lost_total"]);
        Assert.Equal(1, series["wgmonitor_collector_events_appended_total"]);
    }

    [Fact]
    public async Task The_sum_of_the_counters_holds_at_every_scrape_of_a_flood()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis);
        using var sender = new SyslogSender(collector.Port);
        var generator = new DatagramGenerator(Seed.Print());

        var sending = Task.Run(() => sender.SendAsync(Enumerable.Range(0, 20_000).Select(_ => (ReadOnlyMemory<byte>)generator.Next().ToArray()), Calm));
        var scrapes = 0;
        for (var sent = false; !sent; scrapes++)
        {
            sent = sending.IsCompleted;
            AssertSum(await collector.ScrapeAsync());
        }
        await sending;
        sender.Send(new byte[65_507]);
        sender.Send([]);
        sender.Send(Line(1).Span);
        await AllAppended(collector, 20_003);

        var series = await collector.ScrapeAsync();
        AssertSum(series);
        Assert.True(scrapes > 5, $"{scrapes} scrapes");
        Assert.Equal(20_003, series["wgmonitor_collector_lines_received_total"]);
        Assert.True(series["wgmonitor_collector_rejected_total{reason=\"oversize\"}"] >= 1);
        Assert.Equal("1", (await TestCollector.ReadLogAsync(redis)).Last(fields => fields["host"] == "vpn-01" && fields["event"] == "keypair-created.v1")["keypair"]);
    }

    private static void AssertSum(Dictionary<string, double> series)
    {
        double Sum(string name) => series.Where(pair => pair.Key.StartsWith($"wgmonitor_collector_{name}_total")).Sum(pair => pair.Value);
        Assert.Equal(Sum("lines_received"), Sum("events") + Sum("ignored") + Sum("rejected") + Sum("dropped"));
    }

    [Fact]
    public async Task Listeners_of_both_families_feed_one_log_and_the_source_is_the_host_where_none_is_named()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(
            redis, listen: "[[collector.listen]]\naddress = \"127.0.0.1:0\"\n[[collector.listen]]\naddress = \"[::1]:0\"\n[[collector.listen]]\naddress = \"[::]:0\"\n");
        var line = TestPipeline.Bytes("<7>Nov 22 12:00:00 kernel: wireguard: wg0: Peer 1 created");

        foreach (var listener in collector.Run.Listeners.Take(2))
        {
            using var sender = new SyslogSender(listener.LocalEndPoint);
            sender.Send(line);
        }
        // IPv4 through the IPv6 socket.
        using (var sender = new SyslogSender(collector.Run.Listeners[2].LocalEndPoint.Port)) sender.Send(line);
        await AllAppended(collector, 3);

        Assert.Equal(["127.0.0.1", "127.0.0.1", "::1"], (await TestCollector.ReadLogAsync(redis)).Select(fields => fields["host"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_listed_interfaces_are_kept()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, "interfaces = [\"wg1\"]\n");
        using var sender = new SyslogSender(collector.Port);

        sender.Send(Line(1).Span);
        sender.Send(TestPipeline.Bytes("<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg1: Keypair 2 created for peer 17"));
        await AllAppended(collector, 2);

        Assert.Equal([2], await KeypairsAsync(redis));
        Assert.Equal(1, collector.Counts().Of(LineOutcome.IgnoredInterface));
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_one_sentence()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis);

        var error = await Assert.ThrowsAsync<IOException>(() => TestCollector.StartAsync(redis, listen: $"[[collector.listen]]\naddress = \"127.0.0.1:{collector.Port}\"\n"));

        Assert.Equal($"collector.listen[0].address: UDP address 127.0.0.1:{collector.Port} is in use.", error.Message);
    }

    [Fact]
    public async Task A_foreign_address_is_a_mistake_of_the_configuration()
    {
        await using var redis = await RedisServer.StartAsync();

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => TestCollector.StartAsync(redis, listen: "[[collector.listen]]\naddress = \"192.0.2.1:9999\"\n"));

        Assert.Contains("collector.listen[0].address: cannot be listened on: ", error.Message);
    }
}
