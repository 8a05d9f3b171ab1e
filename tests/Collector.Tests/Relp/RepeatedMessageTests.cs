using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Relp;

/// <summary>What a sender repeats after a broken session stands in the log once, also when the collector was stopped or killed in between.</summary>
public sealed class RepeatedMessageTests : IDisposable
{
    private const string Listen = "[[collector.listen]]\nprotocol = \"relp\"\naddress = \"127.0.0.1:0\"\n";
    private const string Open = "1 open 30 relp_version=0\ncommands=syslog\n";

    private readonly TempDirectory directory = new();

    private string Spool(string durability) => $"[collector.spool]\ndurability = \"{durability}\"\ndirectory = \"{directory.File("spool")}\"\n";

    /// <summary>As a kernel writes it, with a stamp of its own.</summary>
    private static string Line(int n) => $"<7>Nov 22 12:00:00 vpn-{n % 5:D2} kernel: [12345.{n:D6}] wireguard: wg0: Keypair {n} created for peer 17";

    private static string Frame(int number, string line) => $"{number} syslog {line.Length} {line}\n";

    /// <summary>Lines under transaction numbers that begin anew in each session.</summary>
    private static string Frames(IEnumerable<int> lines) => string.Concat(lines.Select((n, at) => Frame(2 + at, Line(n))));

    private static async Task<StreamSender> OpenAsync(TestCollector collector)
    {
        var sender = await StreamSender.ConnectAsync(collector.Stream());
        await sender.SendAsync(Open);
        await sender.ReadUntilAsync("commands=syslog\n");
        return sender;
    }

    /// <summary>Sends in one session and waits for all acknowledgements.</summary>
    private static async Task SendAsync(StreamSender sender, IReadOnlyCollection<int> lines)
    {
        await sender.SendAsync(Frames(lines));
        await sender.ReadUntilAsync($"{1 + lines.Count} rsp 6 200 OK\n");
    }

    private static async Task AssertOnceAsync(RedisServer redis, int lines) =>
        Assert.Equal(Enumerable.Range(0, lines), (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"])).Order());

    [Fact]
    public async Task What_is_repeated_after_a_broken_connection_is_acknowledged_and_not_taken_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        var sender = await OpenAsync(collector);
        await SendAsync(sender, [.. Enumerable.Range(0, 500)]);
        sender.Reset();

        // The last 128, then new ones; broken once more, and from the middle of both.
        await using var second = await OpenAsync(collector);
        await SendAsync(second, [.. Enumerable.Range(372, 200)]);
        second.Reset();
        await using var third = await OpenAsync(collector);
        await SendAsync(third, [.. Enumerable.Range(444, 256)]);

        await AssertOnceAsync(redis, 700);
        Assert.Equal(128 + 128, collector.Counts().Of(LineOutcome.IgnoredRepeated));
        Assert.Equal(700, collector.Counts().Of(LineOutcome.Event));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("fsync")]
    public async Task What_is_repeated_to_the_next_run_is_known_from_the_spool(string durability)
    {
        await using var redis = await RedisServer.StartAsync();
        var running = await TestCollector.StartAsync(redis, Spool(durability), listen: Listen);
        var sender = await OpenAsync(running);
        await SendAsync(sender, [.. Enumerable.Range(0, 3000)]);
        sender.Reset();
        await running.StopAsync();
        await running.DisposeAsync();

        // Some of what is repeated had not arrived: here every third of the last window.
        await using var collector = await TestCollector.StartAsync(redis, Spool(durability), listen: Listen);
        await using var second = await OpenAsync(collector);
        await SendAsync(second, [.. Enumerable.Range(2872, 128).SelectMany(n => n % 3 == 0 ? new[] { n, n + 128 } : [n]), .. Enumerable.Range(3000, 128).Where(n => (n - 128) % 3 != 0)]);

        await AssertOnceAsync(redis, 3128);
        Assert.Equal(128, collector.Counts().Of(LineOutcome.IgnoredRepeated));
    }

    [Fact]
    public async Task A_repetition_is_acknowledged_only_when_its_first_is_safe()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        var sender = await OpenAsync(collector);
        await sender.SendAsync(Frames([0]));
        await Wait.Until(() => collector.Counts().Received == 1, "the line is received");
        sender.Reset();
        await using var second = await OpenAsync(collector);
        var sending = SendAsync(second, [0]);
        await Wait.Until(() => collector.Counts().Of(LineOutcome.IgnoredRepeated) == 1, "the repetition is received");
        await Task.WhenAny(sending, Task.Delay(300));
        Assert.False(sending.IsCompleted);

        await redis.StartAgainAsync();
        await sending;

        await AssertOnceAsync(redis, 1);
    }

    [Fact]
    public async Task Equal_lines_without_a_stamp_are_no_repetitions_in_a_session_that_follows_no_broken_one()
    {
        const string line = "<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Sending keepalive packet to peer 17 (203.0.113.5:51820)";
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen);
        for (var session = 0; session < 2; session++)
        {
            await using var sender = await OpenAsync(collector);
            await sender.SendAsync(Frame(2, line) + Frame(3, line) + "4 close 0\n");
            Assert.EndsWith("4 rsp 0\n0 serverclose 0\n", await sender.ReadToEndAsync());
        }

        Assert.Equal(4, collector.Counts().Of(LineOutcome.Event));
    }

    [Fact]
    public async Task Another_sender_may_send_the_same_bytes()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen + "trusted_proxies = [\"127.0.0.1\"]\n");
        foreach (var address in new[] { "192.0.2.1", "192.0.2.2" })
        {
            await using var sender = await StreamSender.ConnectAsync(collector.Stream());
            await sender.SendAsync($"PROXY TCP4 {address} 192.0.2.9 1 2\r\n{Open}");
            await sender.ReadUntilAsync("commands=syslog\n");
            await SendAsync(sender, [0, 1, 2]);
            sender.Reset();
        }

        Assert.Equal(6, collector.Counts().Of(LineOutcome.Event));
    }

    public void Dispose() => directory.Dispose();
}
