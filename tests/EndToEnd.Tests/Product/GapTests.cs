using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Lines that are missing, told from end to end by the services on a real Redis.</summary>
public sealed class GapTests
{
    private const string Collector = "name = \"c1\"\nstatus_interval = \"100ms\"\n";

    private static ReadOnlyMemory<byte> Line(int n, int port = 51820) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 - vpn-01 kernel - - - [{100 + n / 1000}.{n % 1000:D3}000] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:{port})"));

    private static async Task<JsonElement> HostAsync(Deployment product, string host = "vpn-01")
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{product.ApiPort}/api/v1/hosts/{host}"));
    }

    private static async Task<JsonElement> GapAsync(Deployment product, string cause)
    {
        JsonElement? found = null;
        await Wait.Until(async () =>
        {
            var gaps = (await HostAsync(product)).GetProperty("gaps").EnumerateArray().Where(gap => gap.GetProperty("cause").GetString() == cause).ToArray();
            found = gaps.Length == 0 ? null : gaps[^1];
            return found is not null;
        }, $"the gap {cause} is told");
        return found!.Value;
    }

    private static async Task AssertIsReferenceAsync(Deployment product)
    {
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), product.Partitions));
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Notifier(product.Keys), product.Partitions));
    }

    [Fact]
    public async Task F41_what_a_recorded_kernel_suppressed_is_a_gap_of_its_host_as_the_reference_has_it()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        var run = Corpus.Run("A");

        await product.SendAsync([.. run.Datagrams(SyslogTemplate.SyslogProtocol23).Select(datagram => datagram.Bytes)], datagrams => sender.SendAsync(datagrams, Pace.Messages(4_000)));
        await AssertIsReferenceAsync(product);

        var host = await HostAsync(product, run.Hostname);
        Assert.True(host.GetProperty("lines_suppressed").GetInt64() > 0);
        Assert.Contains(host.GetProperty("gaps").EnumerateArray(), gap => gap.GetProperty("cause").GetString() == "lines-suppressed" && gap.GetProperty("lines").GetInt64() > 0);
        Assert.Equal("heard", host.GetProperty("status").GetString());
    }

    [Fact]
    public async Task F1_F42_a_killed_collector_and_a_silent_host_are_told_with_their_bounds_and_alerts()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        const string rules = "[[notifier.rule]]\nkind = \"host-silent\"\n[[notifier.rule]]\nkind = \"host-heard\"\n[[notifier.rule]]\nkind = \"gap\"\n";
        await using var product = await Deployment.StartAsync(redis, routes: rules + AlertTests.Webhook(receiver), collector: Collector + "[collector.silence]\nafter_min = \"3s\"\n");
        using var sender = new SyslogSender(product.SyslogPort);
        var database = product.Connection.GetDatabase();

        await product.SendAsync([.. Enumerable.Range(0, 120).Select(n => Line(100 * n))], datagrams => sender.SendAsync(datagrams, Pace.Messages(25)));
        var lastLine = UnixMicroseconds.Now(TimeProvider.System);
        await Wait.Until(async () => (long)await database.HashGetAsync("wgmonitor:collector-run:c1", "whole_until") > lastLine, "the collector's record moves on");
        var killed = UnixMicroseconds.Now(TimeProvider.System);
        await product.Collector.KillAsync();
        sender.Send(Line(13_000, port: 4444).Span);
        var started = UnixMicroseconds.Now(TimeProvider.System);
        product.Collector.Start();
        var outage = await GapAsync(product, "collector-outage");

        Assert.InRange(Micros(outage, "from"), lastLine, killed);
        Assert.InRange(Micros(outage, "to"), started, UnixMicroseconds.Now(TimeProvider.System));
        Assert.False((await product.PeersAsync()).Single().GetProperty("complete").GetBoolean());

        // It says nothing more.
        await GapAsync(product, "host-silent");
        var silent = await HostAsync(product);
        Assert.Equal(("silent", true), (silent.GetProperty("status").GetString(), silent.GetProperty("gap_open").GetBoolean()));
        await Wait.Until(() => Types(receiver).Contains("host.silent"), "the silence is an alert");

        await product.SendAsync([Line(20_000)], datagrams => sender.SendAsync(datagrams));
        await Wait.Until(() => Types(receiver).Contains("host.heard"), "the end of the silence is an alert");
        await AssertIsReferenceAsync(product);
        var heard = await HostAsync(product);
        Assert.Equal(("heard", false), (heard.GetProperty("status").GetString(), heard.GetProperty("gap_open").GetBoolean()));
        Assert.Equal(["host.gap", "host.heard", "host.silent"], Types(receiver).Order());
    }

    [Fact]
    public async Task F15_F18_a_redis_that_came_back_with_less_is_a_gap()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Collector);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(1), Line(2)], datagrams => sender.SendAsync(datagrams));
        await AssertIsReferenceAsync(product);
        using var older = new TempDirectory();
        await redis.StopAsync();
        Copy(redis.DataDirectory, older.Path);
        var whole = UnixMicroseconds.Now(TimeProvider.System);
        await redis.StartAgainAsync();
        await product.SendAsync([Line(1001), Line(1002)], datagrams => sender.SendAsync(datagrams));
        await redis.KillAsync();
        Directory.Delete(redis.DataDirectory, recursive: true);
        Copy(older.Path, redis.DataDirectory);
        // Readers hold what Redis lost; here they begin anew.
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) await reader.KillAsync();
        await redis.StartAgainAsync();
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) reader.Start();
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) await reader.ReadyAsync();

        sender.Send(Line(2001).Span);
        var gap = await GapAsync(product, "history-rewound");

        Assert.InRange(Micros(gap, "from"), 1, whole);
        Assert.InRange(Micros(gap, "to"), whole, UnixMicroseconds.Now(TimeProvider.System));
        await AssertIsReferenceAsync(product);
    }

    private static string[] Types(WebhookReceiver receiver) =>
        [.. receiver.Requests.Where(request => request.Answer == WebhookAnswer.Ok).Select(request => JsonDocument.Parse(request.BodyText).RootElement.GetProperty("type").GetString()!)];

    private static long Micros(JsonElement gap, string name) => (gap.GetProperty(name).GetDateTimeOffset() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
