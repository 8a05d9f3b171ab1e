using System.Net.Sockets;
using System.Text;
using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>A real collector behind real TCP connections, friendly and hostile ones.</summary>
public class StreamListenerTests
{
    private const string L0 = TestPipeline.L0;
    private const string Counted = "124 " + L0;
    private const string Tcp = "[[collector.listen]]\nprotocol = \"tcp\"\naddress = \"127.0.0.1:0\"\n";

    private static string Line(int n) => $"<7>Nov 22 12:00:00 vpn-01 kernel: [12345.678901] wireguard: wg0: Keypair {n} created for peer 17";

    private static string CountedLine(int n) => $"{Line(n).Length} {Line(n)}";

    private static async Task<List<int>> KeypairsAsync(RedisServer redis) => [.. (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"]))];

    [Theory]
    [InlineData("counted")]
    [InlineData("lines")]
    public async Task Ten_thousand_lines_of_one_connection_stand_in_the_log_once_and_in_order(string framing)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        var stream = string.Concat(Enumerable.Range(0, 10_000).Select(n => framing == "counted" ? CountedLine(n) : Line(n) + "\n"));
        await sender.SendAsync(stream);
        await collector.AllAppended(10_000);

        Assert.Equal(Enumerable.Range(0, 10_000), await KeypairsAsync(redis));
        Assert.Equal(1, (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"]);
    }

    [Fact]
    public async Task A_full_buffer_makes_a_tcp_sender_wait_and_drops_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis, "buffer_events_max = 1000\n", Tcp);
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        redis.Pause();
        var sending = sender.SendAsync(string.Concat(Enumerable.Range(0, 50_000).Select(CountedLine)));
        await Wait.Until(() => collector.Counts().Received >= 1000, "the buffer is full");
        redis.Resume();
        await sending;
        await collector.AllAppended(50_000);

        Assert.Equal(Enumerable.Range(0, 50_000), await KeypairsAsync(redis));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Dropped));
    }

    /// <summary>Case, bytes, how the sender ends, what is received, why the connection ended.</summary>
    public static TheoryData<string, string, string, LineOutcome?, string> Rows() => new()
    {
        { "H5 octet-leading-zero", "0124 " + L0, "wait", null, "frame_length" },
        { "H6 octet-digit-run", new string('1', 300), "wait", null, "frame_length" },
        { "H12 octet-too-long-then-eof", "200 " + L0, "fin", LineOutcome.RejectedIncompleteFrame, "peer" },
        { "H18 lf-last-without-newline", L0, "fin", LineOutcome.Event, "peer" },
        { "H27 http-request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "wait", null, "not_syslog" },
        { "H28 tls-hello-on-plain", "\u0016\u0003\u0001\u0002\u0000\u0001", "wait", null, "tls_on_plain" },
        { "H30 proxy-v1", "PROXY TCP4 203.0.113.5 192.0.2.1 40000 514\r\n" + L0 + "\n", "wait", null, "proxy_header" },
        { "H33 half-close", Counted, "fin", LineOutcome.Event, "peer" },
        { "H34 gzip", "\u001f\u008b\u0008\u0000", "wait", null, "not_syslog" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_ends_its_connection_and_no_other(string name, string stream, string end, LineOutcome? outcome, string reason)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        await using var other = await StreamSender.ConnectAsync(collector.Stream());
        await other.SendAsync(CountedLine(1));
        await using (var sender = await StreamSender.ConnectAsync(collector.Stream()))
        {
            await sender.SendAsync(stream);
            if (end == "fin") sender.HalfClose();
            Assert.Equal("", await sender.ReadToEndAsync());
        }
        await Wait.Until(async () => await collector.ClosedAsync(reason) == 1, $"{name} closes its connection");
        await other.SendAsync(CountedLine(2));
        await collector.AllAppended(outcome is null ? 2 : 3);

        var counts = collector.Counts();
        if (outcome is { } expected) Assert.Equal(expected == LineOutcome.Event ? 3 : 1, counts.Of(expected));
        HostileInputTests.AssertSum(counts);
        Assert.Equal(1, (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"]);
    }

    [Fact]
    public async Task H19_half_a_line_and_a_reset_are_one_incomplete_frame()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        var sender = await StreamSender.ConnectAsync(collector.Stream());

        await sender.SendAsync(L0 + "\n" + L0[..60]);
        await Wait.Until(() => collector.Counts().Received == 1, "the first line is received");
        sender.Reset();
        await Wait.Until(async () => await collector.ClosedAsync("reset") == 1, "the connection ends");

        Assert.Equal(1, collector.Counts().Of(LineOutcome.RejectedIncompleteFrame));
        Assert.Equal(2, collector.Counts().Received);
    }

    [Fact]
    public async Task H31_a_message_that_does_not_end_in_time_ends_the_connection_and_silence_does_not()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp + "frame_timeout = \"300ms\"\n");
        await using var silent = await StreamSender.ConnectAsync(collector.Stream());
        await using var slow = await StreamSender.ConnectAsync(collector.Stream());
        await using var behindItsLine = await StreamSender.ConnectAsync(collector.Stream());

        await behindItsLine.SendAsync(Counted + "\n");
        var dripping = Task.Run(async () =>
        {
            // Every byte comes well in time, the whole does not.
            for (var at = 0; at < Counted.Length - 1; at++)
            {
                await slow.SendAsync(Counted[at..(at + 1)]);
                await Task.Delay(25);
            }
        });
        await Assert.ThrowsAnyAsync<IOException>(() => dripping);

        Assert.Equal(1, await collector.ClosedAsync("frame_timeout"));
        Assert.Equal(1, collector.Counts().Of(LineOutcome.RejectedIncompleteFrame));
        await silent.SendAsync(Counted);
        await behindItsLine.SendAsync(Counted);
        await collector.AllAppended(4);
        Assert.Equal(3, collector.Counts().Of(LineOutcome.Event));
    }

    [Fact]
    public async Task An_idle_connection_ends_where_that_is_wanted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp + "idle_timeout = \"200ms\"\n");
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        await sender.SendAsync(Counted);
        await sender.ReadToEndAsync();

        await Wait.Until(async () => await collector.ClosedAsync("idle") == 1, "the connection is closed as idle");
        Assert.Equal(1, collector.Counts().Received);
    }

    [Fact]
    public async Task H32_connections_beyond_the_limits_are_closed_and_those_before_go_on()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, "connections_max = 5\nconnections_per_source_max = 3\n", Tcp);
        var senders = new List<StreamSender>();
        for (var n = 0; n < 3; n++)
        {
            senders.Add(await StreamSender.ConnectAsync(collector.Stream()));
            await senders[n].SendAsync(CountedLine(n));
        }
        await collector.AllAppended(3);

        Assert.Equal("", await StreamSender.ReadRefusalAsync(collector.Stream()));
        await Wait.Until(async () => await collector.ClosedAsync("too_many_connections") == 1, "the fourth is refused");
        foreach (var sender in senders) await sender.SendAsync(CountedLine(7));
        await collector.AllAppended(6);

        // Room again once one is gone.
        await senders[0].DisposeAsync();
        await Wait.Until(async () => (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"] == 2, "one is closed");
        await using var next = await StreamSender.ConnectAsync(collector.Stream());
        await next.SendAsync(CountedLine(9));
        await collector.AllAppended(7);
        Assert.Equal(7, collector.Counts().Of(LineOutcome.Event));
        foreach (var sender in senders) await sender.DisposeAsync();
    }

    [Fact]
    public async Task H35_slow_senders_are_seen_beside_one_at_line_rate()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        await using var fast = await StreamSender.ConnectAsync(collector.Stream());
        using var stop = new CancellationTokenSource();
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<13>Nov 22 12:00:00 vpn-01 sshd[1]: other program\n", 2000)));
        var flooding = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await fast.SendAsync(block);
        });
        await Wait.Until(() => collector.Counts().Of(LineOutcome.IgnoredNotKernel) > 10_000, "the flood flows");

        for (var n = 0; n < 50; n++)
        {
            await using var slow = await StreamSender.ConnectAsync(collector.Stream());
            await slow.SendAsync(CountedLine(n));
        }
        await Wait.Until(() => collector.Counts().Of(LineOutcome.Event) == 50, "every slow sender's line is seen");
        await stop.CancelAsync();
        await flooding;
    }

    [Fact]
    public async Task A_stop_takes_what_has_arrived_and_counts_the_line_that_is_cut()
    {
        await using var redis = await RedisServer.StartAsync();
        var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());
        await using var silent = await StreamSender.ConnectAsync(collector.Stream());

        await sender.SendAsync(string.Concat(Enumerable.Range(0, 5000).Select(CountedLine)) + "124 <7>Nov");
        await Wait.Until(() => collector.Counts().Received > 0, "the connection is served");
        await collector.StopAsync();

        Assert.Equal(Enumerable.Range(0, 5000), await KeypairsAsync(redis));
        Assert.Equal(1, collector.Counts().Of(LineOutcome.RejectedIncompleteFrame));
        Assert.Equal("", await silent.ReadToEndAsync());
        await collector.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_without_redis_ends_in_time_and_counts_what_a_waiting_sender_had_sent()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var collector = await TestCollector.StartAsync(redis, "buffer_events_max = 500\nbatch_events_max = 500\ndrain_max = \"2s\"\n", Tcp);
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());
        redis.Pause();
        await sender.SendAsync(string.Concat(Enumerable.Range(0, 600).Select(CountedLine)));
        await Wait.Until(() => collector.Counts().Received == 500, "the buffer is full");

        await collector.Run.StopAsync(CancellationToken.None);
        redis.Resume();

        var counts = collector.Counts();
        Assert.True(counts.Of(LineOutcome.DroppedBufferFull) > 0, "what was read and found no room is counted");
        HostileInputTests.AssertSum(counts);
    }

    [Fact]
    public async Task Both_families_are_served_and_the_source_is_the_host_where_none_is_named()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp + Tcp.Replace("127.0.0.1", "[::1]") + Tcp.Replace("127.0.0.1", "[::]"));
        const string Bare = "<7>Nov 22 12:00:00 kernel: wireguard: wg0: Peer 1 created\n";

        for (var n = 0; n < 3; n++)
        {
            await using var sender = await StreamSender.ConnectAsync(collector.Stream(n));
            await sender.SendAsync(Bare);
        }
        await using (var mapped = await StreamSender.ConnectAsync(new(System.Net.IPAddress.Loopback, collector.Stream(2).Port))) await mapped.SendAsync(Bare);
        await collector.AllAppended(4);

        Assert.Equal(["127.0.0.1", "127.0.0.1", "::1", "::1"], (await TestCollector.ReadLogAsync(redis)).Select(fields => fields["host"]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 40000 514\r\n", "203.0.113.9")]
    [InlineData("PROXY TCP6 2001:db8::9 2001:db8::1 40000 514\r\n", "2001:db8::9")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u0000\u000c\u00cb\u0000\u0071\u0009\u00c0\u0000\u0002\u0001\u009c\u0040\u0002\u0002", "203.0.113.9")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\u0000\u0000\u0000", "127.0.0.1")]
    public async Task H30_a_trusted_proxy_names_the_sender(string header, string host)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp + "trusted_proxies = [\"127.0.0.0/8\"]\n");
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        foreach (var part in (header + "<7>Nov 22 12:00:00 kernel: wireguard: wg0: Peer 1 created\n").Chunk(7)) await sender.SendAsync(new string(part));
        await collector.AllAppended(1);

        Assert.Equal(host, Assert.Single(await TestCollector.ReadLogAsync(redis))["host"]);
    }

    [Theory]
    [InlineData(Counted)]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 99999 514\r\n")]
    [InlineData("PROXY TCP4 203.0.113.09 192.0.2.1 1 514\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIX")]
    public async Task H30_a_trusted_proxy_without_a_right_header_is_refused(string bytes)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp + "trusted_proxies = [\"127.0.0.1\"]\n");
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        await sender.SendAsync(bytes);
        await sender.ReadToEndAsync();

        await Wait.Until(async () => await collector.ClosedAsync("proxy_header") == 1, "the connection is refused");
        Assert.Equal(0, collector.Counts().Received);
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_one_sentence()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        var port = collector.Stream().Port;

        var error = await Assert.ThrowsAsync<IOException>(() => TestCollector.StartAsync(redis, listen: Tcp.Replace(":0", $":{port}")));

        Assert.Equal($"collector.listen[0].address: TCP address 127.0.0.1:{port} is in use.", error.Message);
    }

    [Fact]
    public async Task A_foreign_address_is_a_mistake_of_the_configuration()
    {
        await using var redis = await RedisServer.StartAsync();

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => TestCollector.StartAsync(redis, listen: Tcp.Replace("127.0.0.1", "192.0.2.1")));

        Assert.Contains("collector.listen[0].address: cannot be listened on: ", error.Message);
    }

    [Fact]
    public async Task A_socket_of_the_kernel_that_is_reset_in_the_backlog_hurts_nobody()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Tcp);
        for (var n = 0; n < 200; n++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
            await socket.ConnectAsync(collector.Stream());
        }

        await using var sender = await StreamSender.ConnectAsync(collector.Stream());
        await sender.SendAsync(Counted);
        await collector.AllAppended(1);
        await Wait.Until(async () => (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"] == 1, "the others are gone");
    }
}
