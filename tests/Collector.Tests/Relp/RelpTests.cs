using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Relp;

/// <summary>RELP spoken by hand on a real socket: what is acknowledged, when, and what ends a connection.</summary>
public class RelpTests
{
    private const string Listen = "[[collector.listen]]\nprotocol = \"relp\"\naddress = \"127.0.0.1:0\"\n";
    private const string Offers = "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog";
    private const string Open = "1 open 86 " + Offers + "\n";
    private const string Opened = "1 rsp 61 200 OK\nrelp_version=0\nrelp_software=wgmonitor\ncommands=syslog\n";

    private const string Goodbye = "0 serverclose 0\n";

    private static string Line(int n) => $"<7>Nov 22 12:00:00 vpn-{n % 5:D2} kernel: [12345.678901] wireguard: wg0: Keypair {n} created for peer 17";

    private static string Frame(int number, string command, string data) =>
        data.Length == 0 ? $"{number} {command} 0\n" : $"{number} {command} {data.Length} {data}\n";

    private static string Syslog(int number) => Frame(number, "syslog", Line(number));

    private static string Ok(int number) => $"{number} rsp 6 200 OK\n";

    private static async Task<StreamSender> OpenAsync(TestCollector collector)
    {
        var sender = await StreamSender.ConnectAsync(collector.Stream());
        await sender.SendAsync(Open);
        Assert.Equal(Opened, await sender.ReadUntilAsync("commands=syslog\n"));
        return sender;
    }

    [Fact]
    public async Task Every_message_is_acknowledged_in_order_and_stands_in_the_log()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        await using var sender = await OpenAsync(collector);

        // A window of 128, as rsyslog has it, over five hosts in several partitions.
        for (var from = 2; from < 2 + 1280; from += 128)
        {
            var numbers = Enumerable.Range(from, 128).ToList();
            await sender.SendAsync(string.Concat(numbers.Select(Syslog)));
            Assert.Equal(string.Concat(numbers.Select(Ok)), await sender.ReadUntilAsync(Ok(numbers[^1])));
        }
        await sender.SendAsync("1282 close 0\n");
        Assert.Equal("1282 rsp 0\n0 serverclose 0\n", await sender.ReadToEndAsync());

        Assert.Equal(Enumerable.Range(2, 1280), (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"])).Order());
        Assert.Equal(1, await collector.ClosedAsync("peer"));
    }

    [Fact]
    public async Task A_message_is_acknowledged_only_when_redis_has_it()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        await using var sender = await OpenAsync(collector);

        await sender.SendAsync(Syslog(2) + Frame(3, "syslog", "<13>Nov 22 12:00:00 vpn-01 sshd[1]: no event") + Syslog(4));
        await Wait.Until(() => collector.Counts().Received == 3, "the lines are received");
        var reading = sender.ReadUntilAsync(Ok(4));
        // Longer than any batch waits, and the third line is no reason to say anything about the second.
        await Task.WhenAny(reading, Task.Delay(300));
        Assert.False(reading.IsCompleted);
        await redis.StartAgainAsync();

        Assert.Equal(Ok(2) + Ok(3) + Ok(4), await reading);
        Assert.Equal(2, (await TestCollector.ReadLogAsync(redis)).Count);
    }

    [Fact]
    public async Task Messages_that_become_no_event_are_acknowledged_at_once()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen + "message_bytes_max = \"600B\"\n");
        await using var sender = await OpenAsync(collector);

        await sender.SendAsync(
            Frame(2, "syslog", "<13>Nov 22 12:00:00 vpn-01 sshd[1]: no event") + Frame(3, "syslog", "<999>") + Frame(4, "syslog", "") + Frame(5, "syslog", new string('9', 70_000)));

        Assert.Equal(Ok(2) + Ok(3) + Ok(4) + Ok(5), await sender.ReadUntilAsync(Ok(5)));
        var counts = collector.Counts();
        Assert.Equal(
            (1, 1, 1, 1), (counts.Of(LineOutcome.IgnoredNotKernel), counts.Of(LineOutcome.RejectedPriority), counts.Of(LineOutcome.IgnoredEmpty), counts.Of(LineOutcome.RejectedOversize)));
    }

    [Fact]
    public async Task A_window_that_is_full_stops_the_reading_and_nothing_else()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen + "window_max = 100\n");
        await using var sender = await OpenAsync(collector);
        await using var other = await OpenAsync(collector);

        await sender.SendAsync(string.Concat(Enumerable.Range(2, 300).Select(Syslog)));
        await Wait.Until(() => collector.Counts().Received == 100, "the window is full");
        await other.SendAsync(Frame(2, "syslog", "<13>Nov 22 12:00:00 vpn-01 sshd[1]: no event"));
        Assert.Equal(Ok(2), await other.ReadUntilAsync(Ok(2)));
        Assert.Equal(101, collector.Counts().Received);
        await redis.StartAgainAsync();

        Assert.Equal(string.Concat(Enumerable.Range(2, 300).Select(Ok)), await sender.ReadUntilAsync(Ok(301)));
    }

    [Fact]
    public async Task A_full_buffer_makes_a_relp_sender_wait_and_drops_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, "buffer_events_max = 50\nbatch_events_max = 50\n", Listen);
        await using var sender = await OpenAsync(collector);

        await sender.SendAsync(string.Concat(Enumerable.Range(2, 500).Select(Syslog)));
        await Wait.Until(() => collector.Counts().Received == 50, "the buffer is full");
        await redis.StartAgainAsync();

        Assert.Equal(string.Concat(Enumerable.Range(2, 500).Select(Ok)), await sender.ReadUntilAsync(Ok(501)));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Dropped));
    }

    /// <summary>Case, bytes, answer, why the connection ends.</summary>
    public static TheoryData<string, string, string, string> Rows() => new()
    {
        { "message before open", Syslog(1), "1 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "close before open", "1 close 0\n", "1 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "open twice", Open + Frame(2, "open", Offers), Opened + "2 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "open without version", Frame(1, "open", "commands=syslog"), "1 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "open with a version of the future", Frame(1, "open", "relp_version=7"), "1 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "unknown command", Open + Frame(2, "eventlog", "x"), Opened + "2 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "starttls", Open + Frame(2, "starttls", ""), Opened + "2 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_protocol" },
        { "transaction number repeated", Open + Frame(1, "syslog", "x"), Opened + "1 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_transaction" },
        { "transaction number skipped", Open + Syslog(3), Opened + "3 rsp 23 500 command not allowed\n0 serverclose 0\n", "relp_transaction" },
        { "transaction number of ten digits", Open + "1000000000 syslog 1 x\n", Opened + Goodbye, "relp_protocol" },
        { "data length of ten digits", Open + "2 syslog 1000000000 x\n", Opened + Goodbye, "frame_length" },
        { "data length over 1 MiB", Open + "2 syslog 1048577 x", Opened + Goodbye, "frame_length" },
        { "open of more than a message may have", "1 open 9000 x", "", "frame_length" },
        { "negative length", Open + "2 syslog -1 x\n", Opened + Goodbye, "frame_length" },
        { "no trailer", Open + "2 syslog 1 xy", Opened + Goodbye, "relp_protocol" },
        { "no trailer behind no data", Open + "2 syslog 0 ", Opened + Goodbye, "relp_protocol" },
        { "no trailer behind a long message", Open + "2 syslog 9000 " + new string('x', 9001), Opened + Goodbye, "relp_protocol" },
        { "command of 33 letters", Open + "2 " + new string('a', 33) + " 0\n", Opened + Goodbye, "relp_protocol" },
        { "command with a digit", Open + "2 sys1og 0\n", Opened + Goodbye, "relp_protocol" },
        { "plain syslog", TestPipeline.L0 + "\n", "", "relp_protocol" },
        { "TLS", "\u0016\u0003\u0001\u0002\u0000\u0001", "", "tls_on_plain" },
        { "abort", Open + Frame(2, "abort", ""), Opened + "2 rsp 0\n0 serverclose 0\n", "peer" },
        { "a hint is not answered", Open + "0 hint 2 hi\n2 close 0\n", Opened + "2 rsp 0\n0 serverclose 0\n", "peer" },
        { "numbers begin anywhere and wrap", Frame(999_999_999, "open", Offers) + "1 close 0\n", "999999999 " + Opened[2..] + "1 rsp 0\n0 serverclose 0\n", "peer" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_is_answered_and_ends_as_the_table_says(string name, string bytes, string answer, string reason)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        await using (var whole = await StreamSender.ConnectAsync(collector.Stream()))
        {
            await whole.SendAsync(bytes);
            Assert.Equal(answer, await whole.ReadToEndAsync());
        }
        await Wait.Until(async () => await collector.ClosedAsync(reason) == 1, $"{name} ends the connection");

        // The same byte by byte, as far as the other side still listens.
        await using (var slow = await StreamSender.ConnectAsync(collector.Stream()))
        {
            var sending = Record.ExceptionAsync(async () =>
            {
                foreach (var piece in bytes.Chunk(bytes.Length > 1000 ? 1000 : 1)) await slow.SendAsync(new string(piece));
            });
            Assert.Equal(answer, await slow.ReadToEndAsync());
            await sending;
        }
        await Wait.Until(async () => await collector.ClosedAsync(reason) == 2, $"{name} in pieces ends the connection");
        HostileInputTests.AssertSum(collector.Counts());
    }

    [Fact]
    public async Task A_sender_that_breaks_off_leaves_no_connection_behind_even_without_redis()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen + "window_max = 10\n");
        var sender = await OpenAsync(collector);

        await sender.SendAsync(string.Concat(Enumerable.Range(2, 100).Select(Syslog)));
        await Wait.Until(() => collector.Counts().Received == 10, "the window is full");
        sender.Reset();

        await Wait.Until(async () => (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"] == 0, "the connection is gone");
    }

    [Fact]
    public async Task A_stop_acknowledges_what_was_taken_and_says_goodbye()
    {
        await using var redis = await RedisServer.StartAsync();
        var collector = await TestCollector.StartAsync(redis, listen: Listen);
        await using var sender = await OpenAsync(collector);
        await using var idle = await OpenAsync(collector);

        await sender.SendAsync(string.Concat(Enumerable.Range(2, 1000).Select(Syslog)));
        await Wait.Until(() => collector.Counts().Received > 0, "lines flow");
        await collector.StopAsync();

        var answers = await sender.ReadToEndAsync();
        Assert.EndsWith("0 serverclose 0\n", answers);
        var acknowledged = answers.Split("rsp 6 200 OK").Length - 1;
        Assert.Equal(string.Concat(Enumerable.Range(2, acknowledged).Select(Ok)), answers[..^"0 serverclose 0\n".Length]);
        Assert.Equal(acknowledged, (await TestCollector.ReadLogAsync(redis)).Count);
        Assert.Equal("0 serverclose 0\n", await idle.ReadToEndAsync());
        await collector.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_without_redis_acknowledges_nothing_and_ends_in_time()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, "drain_max = \"1s\"\n", Listen);
        await using var sender = await OpenAsync(collector);
        await sender.SendAsync(Syslog(2));
        await Wait.Until(() => collector.Counts().Received == 1, "the line is received");

        await collector.Run.StopAsync(CancellationToken.None);

        Assert.Equal("", await sender.ReadToEndAsync());
    }
}
