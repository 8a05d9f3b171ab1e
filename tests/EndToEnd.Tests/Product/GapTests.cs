using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prometheus;
using WgMonitor.Events;
using WgMonitor.Projector;
using WgMonitor.Projector.Coverage;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
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

    private static async Task<JsonElement> GapAsync(Deployment product, string cause, string host = "vpn-01")
    {
        JsonElement? found = null;
        await Wait.Until(async () =>
        {
            var gaps = (await HostAsync(product, host)).GetProperty("gaps").EnumerateArray().Where(gap => gap.GetProperty("cause").GetString() == cause).ToArray();
            found = gaps.Length == 0 ? null : gaps[^1];
            return found is not null;
        }, $"the gap {cause} is told");
        return found!.Value;
    }

    [Fact]
    public async Task F41_what_a_recorded_kernel_suppressed_is_a_gap_of_its_host_as_the_reference_has_it()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        var run = Corpus.Run("A");

        await product.SendAsync([.. run.Datagrams(SyslogTemplate.SyslogProtocol23).Select(datagram => datagram.Bytes)], datagrams => sender.SendAsync(datagrams, Pace.Messages(4_000)));
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);

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
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
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
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
        using var older = new TempDirectory();
        var whole = await KeepAsync(redis, older);
        await product.SendAsync([Line(1001), Line(1002)], datagrams => sender.SendAsync(datagrams));
        await KillAndRewindAsync(redis, older);
        // Readers hold what Redis lost; here they begin anew.
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) await reader.KillAsync();
        await redis.StartAgainAsync();
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) reader.Start();
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) await reader.ReadyAsync();

        sender.Send(Line(2001).Span);
        var gap = await GapAsync(product, "history-rewound");

        Assert.InRange(Micros(gap, "from"), 1, whole);
        Assert.InRange(Micros(gap, "to"), whole, UnixMicroseconds.Now(TimeProvider.System));
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
    }

    [Fact]
    public async Task F18_a_rewind_that_only_readers_notice_is_told_once_to_every_host_and_alerts_once()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await Deployment.StartAsync(
            redis, routes: "[[notifier.rule]]\nkind = \"gap\"\n" + AlertTests.Webhook(receiver), stream: "trim_interval = \"200ms\"", partitions: 1, collector: Collector);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(1), Line(2)], datagrams => sender.SendAsync(datagrams));
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
        using var older = new TempDirectory();
        var whole = await KeepAsync(redis, older);
        await product.SendAsync([Line(1001), Line(1002)], datagrams => sender.SendAsync(datagrams));
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
        await product.Collector.KillAsync();
        await KillAndRewindAsync(redis, older);
        await redis.StartAgainAsync();

        var gap = await GapAsync(product, "history-rewound");
        foreach (var reader in product.Projectors.Concat(product.Notifiers))
            await Wait.Until(async () => await reader.MetricAsync("wgmonitor_stream_history_rewound_total") > 0, $"the {reader.Name} notices too", TimeSpan.FromSeconds(30));
        await Wait.Until(() => Types(receiver).Contains("host.gap"), "the gap is an alert");
        await product.EqualsReferenceAsync(rule: ReferenceFold.Rule);
        Assert.Equal(0, await Teller(product).TellAsync(0, default));

        Assert.InRange(Micros(gap, "from"), 1, whole);
        Assert.InRange(Micros(gap, "to"), whole, UnixMicroseconds.Now(TimeProvider.System));
        Assert.Equal(["host.gap"], Types(receiver));
        var told = (await product.Connection.GetDatabase().StreamRangeAsync(product.Keys.Events(0))).Where(entry => entry["event"] == "history-rewound.v1");
        Assert.Equal("vpn-01", (string?)Assert.Single(told)["host"]);
        Assert.False((await product.PeersAsync()).Single().GetProperty("complete").GetBoolean());
    }

    /// <summary>Who tells losses, in this process.</summary>
    private static LossTeller Teller(Deployment product)
    {
        var (redis, keys, options, registry) = (product.Connection, product.Keys, Options.Create(new StreamOptions { Partitions = product.Partitions }), Metrics.NewCustomRegistry());
        var metrics = new StreamMetrics(registry);
        return new(
            redis, keys, new PartitionClaims(redis, keys, options, metrics, TimeProvider.System), new EventAppender(redis, keys, options, metrics, TimeProvider.System), new StateGenerations(redis, keys),
            new LostEntriesReader(redis, keys), new LogExtentReader(redis, keys), new ProjectorMetrics(Metrics.WithCustomRegistry(registry), NullLogger<ProjectorMetrics>.Instance), TimeProvider.System);
    }

    [Fact]
    public async Task F28_what_was_trimmed_at_the_ceiling_is_told_exactly_once_to_every_host_whoever_is_killed()
    {
        const int hosts = 12;
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, replicas: 2, partitions: 1, stream: "trim_interval = \"200ms\"\nretention_entries_max = 100\nceiling_entries_max = 400");
        using var sender = new SyslogSender(product.SyslogPort);
        var losses = new LostEntriesReader(product.Connection, product.Keys);
        async Task<long> LostAsync() => (await losses.ReadWithTotalAsync(0, default)).OfAnyReader;
        await product.SendAsync([.. NumberedLog.Lines(0, 48)], datagrams => sender.SendAsync(datagrams));
        await product.CaughtUpAsync("notifier");
        foreach (var notifier in product.Notifiers) await notifier.StopAsync();

        await sender.SendAsync(NumberedLog.Lines(48, 1200), Pace.Messages(2_000));
        await Wait.Until(async () => await LostAsync() > 0, "the ceiling takes what the notifier had not applied", TimeSpan.FromSeconds(30));
        var gap = await GapAsync(product, "entries-trimmed", "vpn-0");
        Assert.True(gap.GetProperty("lines").GetInt64() > 0);
        foreach (var projector in product.Projectors)
        {
            await projector.KillAsync();
            projector.Start();
        }
        await sender.SendAsync(NumberedLog.Lines(1248, 600), Pace.Messages(2_000));
        foreach (var projector in product.Projectors) await projector.ReadyAsync();
        foreach (var notifier in product.Notifiers) notifier.Start();
        foreach (var notifier in product.Notifiers) await notifier.ReadyAsync();

        // Once the notifier goes on, the whole of it is told; each part of it once.
        async Task<(long Told, long Lost)> SumsAsync() => ((await HostAsync(product, "vpn-0")).GetProperty("gaps").EnumerateArray()
            .Where(told => told.GetProperty("cause").GetString() == "entries-trimmed").Sum(told => told.GetProperty("lines").GetInt64()), await LostAsync());
        await Wait.Until(async () => await SumsAsync() is var (told, lost) && told >= lost, "all of it is told", TimeSpan.FromSeconds(30));
        await ReplayTests.CaughtUpAsync(product);

        var sums = await SumsAsync();
        Assert.Equal(sums.Lost, sums.Told);
        var projected = await ReferenceFold.StoredAsync(product.Connection, StateKeys.Projector(product.Keys), 0);
        var notified = await ReferenceFold.StoredAsync(product.Connection, StateKeys.Notifier(product.Keys), 0);
        Assert.Equal((hosts, hosts), (projected.Count, notified.Count));
        Assert.All(projected, host => Assert.Equal(sums.Lost, host.Gaps.All.Where(told => told.Kind == Peers.GapKind.EntriesTrimmed).Sum(told => told.Lines)));
        // What told the begin of the loss went over the ceiling itself, before the notifier could apply it; what tells its end covers all of it.
        var whole = Interval(projected[0]);
        Assert.All(notified, host => Assert.Equal(whole, Interval(host)));
    }

    private static (long From, long To) Interval(Peers.HostState host)
    {
        var gaps = host.Gaps.All.Where(told => told.Kind == Peers.GapKind.EntriesTrimmed).ToList();
        return (gaps.Min(gap => gap.From), gaps.Max(gap => gap.To));
    }

    private static string[] Types(WebhookReceiver receiver) =>
        [.. receiver.Requests.Where(request => request.Answer == WebhookAnswer.Ok).Select(request => JsonDocument.Parse(request.BodyText).RootElement.GetProperty("type").GetString()!)];

    private static long Micros(JsonElement gap, string name) => (gap.GetProperty(name).GetDateTimeOffset() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Keeps what Redis has now; returns when, Unix microseconds.</summary>
    private static async Task<long> KeepAsync(RedisServer redis, TempDirectory older)
    {
        await redis.StopAsync();
        Copy(redis.DataDirectory, older.Path);
        var whole = UnixMicroseconds.Now(TimeProvider.System);
        await redis.StartAgainAsync();
        return whole;
    }

    /// <summary>It is not started again.</summary>
    private static async Task KillAndRewindAsync(RedisServer redis, TempDirectory older)
    {
        await redis.KillAsync();
        Directory.Delete(redis.DataDirectory, recursive: true);
        Copy(older.Path, redis.DataDirectory);
    }

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
