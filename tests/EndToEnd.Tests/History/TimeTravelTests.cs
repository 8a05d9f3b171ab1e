using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using WgMonitor.Api.History;
using WgMonitor.Archive;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>Any moment of recorded lines is what one thread makes of the log up to then, whatever the projector that wrote the history points went through.</summary>
public sealed class TimeTravelTests : IDisposable
{
    private const int Moments = 1_000;
    private const int EveryEntries = 150;
    private const string Settings = "trim_interval = \"{0}\"\nretention_entries_max = {1}\n\n[archive]\ndirectory = \"{2}\"\nfile_entries = 3000\n\n[history]\nevery_entries = 150\npoll_interval = \"20ms\"\nkeep = \"1h\"";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };

    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    private string Archive => Path.Combine(files.Path, "archive");

    [Fact]
    public async Task A_thousand_moments_equal_the_reference_fold_before_and_after_trimming_and_from_the_archive()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, stream: Settled("1d", 1_000_000));
        await SendWhileKilledAsync(product, random);
        var past = await ReferencePast.ReadAsync(new LogReader(product.Connection, product.Keys), product.Partitions);
        await Wait.Until(async () => await IsFollowedAsync(product, past), "history points follow the log");
        var moments = Choose(past, random);
        var reader = Reader(product, new LogHistory(new LogReader(product.Connection, product.Keys)));

        for (var partition = 0; partition < product.Partitions; partition++)
        {
            foreach (var (moment, digest) in past.Digests(partition, moments))
            {
                var found = await reader.ReadPartitionAsync(partition, HistoryReader.LastOf(moment), null, 1, CancellationToken.None);
                Assert.True(found.IsComplete);
                Assert.True(digest == await DigestAsync(found), $"partition {partition} at {moment}");
            }
        }
        Assert.Equal((await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions)).Digest, StateDigest.Of(past.At(long.MaxValue).Hosts.Values));
        await AssertPointsMeetAsync(product);
        foreach (var moment in moments.Take(20)) await AssertAnswersAsync(product, past, moment);
        await AssertHistoriesAsync(product, past);

        product.Configure(Settled("50ms", 400));
        await product.Projectors[0].KillAsync();
        product.Projectors[0].Start();
        // Whole nodes of a stream go, 100 entries each.
        await Wait.Until(async () => await product.EntriesAsync() <= 500 * product.Partitions, "the log is trimmed");
        await product.Projectors[0].StopAsync();
        var (known, unknown) = (0, 0);
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            foreach (var (moment, digest) in past.Digests(partition, moments))
            {
                var found = await reader.ReadPartitionAsync(partition, HistoryReader.LastOf(moment), null, 1, CancellationToken.None);
                Assert.Equal(HistoryReader.LastOf(moment) >= found.KnownSince, found.IsKnown);
                if (found.IsKnown) Assert.Equal(digest, await DigestAsync(found));
                if (found.IsKnown) known++;
                else unknown++;
            }
            await AssertKnownAlmostAsFarAsKeptAsync(product, reader, partition);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{past.Entries} entries; after trimming {known} moments of a partition are known, {unknown} are not");
        Assert.True(known > Moments / 10 && unknown > Moments / 10, $"{known} known, {unknown} unknown");
        // The thousand are spread over the partitions: with the points that were kept, and without any, from the beginning of the archive.
        Func<int, List<long>> spread = partition => [.. moments.Where((_, index) => index % product.Partitions == partition)];
        await AssertFromArchiveAsync(product, past, spread);
        await AssertFromApiAsync(product, past, moments);
        for (var partition = 0; partition < product.Partitions; partition++) await product.Connection.GetDatabase().KeyDeleteAsync(new HistoryKeys(product.Keys).Points(partition));
        await AssertFromArchiveAsync(product, past, spread);
    }

    /// <summary>The same states, all of them complete.</summary>
    private async Task AssertFromArchiveAsync(Deployment product, ReferencePast past, Func<int, List<long>> moments)
    {
        var damage = new ArchiveDamage(TimeProvider.System);
        using var entries = new ArchivedHistory(Archive, damage, new LogReader(product.Connection, product.Keys), new LogExtentReader(product.Connection, product.Keys));
        var reader = Reader(product, entries);
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            Assert.True((await entries.ReadKeptAsync(partition, CancellationToken.None)).IsWhole);
            foreach (var (moment, digest) in past.Digests(partition, moments(partition)))
            {
                var found = await reader.ReadPartitionAsync(partition, HistoryReader.LastOf(moment), null, 1, CancellationToken.None);
                Assert.True(found.IsComplete);
                Assert.True(digest == await DigestAsync(found), $"partition {partition} at {moment}");
            }
        }
        Assert.Empty(damage.Sentences);
    }

    /// <summary>The same answers as before anything was trimmed.</summary>
    private static async Task AssertFromApiAsync(Deployment product, ReferencePast past, List<long> moments)
    {
        foreach (var moment in moments.Take(5)) await AssertAnswersAsync(product, past, moment);
        await AssertHistoriesAsync(product, past);
        await AssertEventsAsync(product, past);
    }

    /// <summary>Every entry once, in the order of the log, and those of each peer.</summary>
    private static async Task AssertEventsAsync(Deployment product, ReferencePast past)
    {
        var told = await EventsAsync(product, "/api/v1/events?limit=700");
        Assert.Equal(past.All.Select(entry => entry.Id.ToString()).Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        var (hosts, _) = past.At(long.MaxValue);
        foreach (var host in hosts.Values)
        {
            var ofHost = past.All.Where(entry => Field(entry, "host") == host.Host).ToList();
            Assert.Equal(ofHost.Select(entry => entry.Id.ToString()), await EventsAsync(product, $"/api/v1/events?limit=700&host={host.Host}"));
            if (host.Peers.Keys.FirstOrDefault(peer => peer.Epoch == 1) is not { Number: > 0 } peer) continue;
            var first = ofHost.Where(entry => Field(entry, "peer") == peer.Number.ToString(CultureInfo.InvariantCulture)).Select(entry => entry.Id.ToString()).ToList();
            var ofPeer = await EventsAsync(product, $"/api/v1/peers/{host.Host}/1/{peer.Number}/events?limit=700");
            Assert.Equal(first.Take(ofPeer.Count), ofPeer);
            Assert.NotEmpty(ofPeer);
        }
    }

    private static async Task<List<string>> EventsAsync(Deployment product, string path)
    {
        var told = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await GetAsync(product, $"{path}&cursor={cursor}");
            told.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
            Assert.True(page.GetProperty("past").GetProperty("complete").GetBoolean());
        }
        return told;
    }

    private static string Field(StreamEntry entry, string name) =>
        Encoding.UTF8.GetString(entry.Fields.FirstOrDefault(field => field.Name.Span.SequenceEqual(Encoding.UTF8.GetBytes(name))).Value.Span);

    private string Settled(string trimInterval, int retention) => Settings.Replace("{0}", trimInterval, StringComparison.Ordinal)
        .Replace("{1}", retention.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{2}", Archive, StringComparison.Ordinal);

    private static async Task SendWhileKilledAsync(Deployment product, Random random)
    {
        using var stop = new CancellationTokenSource();
        var kills = KillAsync(product.Projectors[0], random, stop.Token);
        using var sender = new SyslogSender(product.SyslogPort);
        foreach (var (host, name) in new[] { ("vpn-1", "A"), ("vpn-2", "C-part1"), ("vpn-3", "A"), ("vpn-4", "D-server"), ("vpn-1", "C-part1") })
        {
            var run = Corpus.Run(name);
            var lines = run.Datagrams(SyslogTemplate.SyslogProtocol23).Where(datagram => Encoding.Latin1.GetString(datagram.Bytes.Span).Contains("wireguard: "))
                .Select(datagram => KillTests.Renamed(datagram.Bytes, run.Hostname, host)).ToList();
            await product.SendAsync(lines, datagrams => sender.SendAsync(datagrams, Pace.Messages(3_000)));
        }
        await stop.CancelAsync();
        await kills;
        await product.Projectors[0].ReadyAsync();
        await product.CaughtUpAsync("projector", TimeSpan.FromMinutes(1));
    }

    private static async Task KillAsync(ServiceProcess projector, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(600, 2_500), CancellationToken.None);
            await projector.KillAsync();
            projector.Start();
        }
    }

    private static HistoryReader Reader(Deployment product, IEventHistory entries) => new(
        new PointReader(product.Connection, new HistoryKeys(product.Keys)), entries,
        new PassedEntries(product.Connection, product.Keys, ConsumerGroups.Projector), new HistoryOptions(), new StateOptions(), product.Partitions);

    private static async Task<bool> IsFollowedAsync(Deployment product, ReferencePast past)
    {
        var checkpoints = await ReferenceFold.CheckpointsAsync(product.Connection, product.Keys, "history", product.Partitions);
        return past.Partitions.Zip(checkpoints).All(pair => pair.First.Count(entry => entry.Id > pair.Second) < EveryEntries);
    }

    /// <summary>Half of them anywhere in the time of the log and a little beyond it, half of them exactly at an entry.</summary>
    private static List<long> Choose(ReferencePast past, Random random)
    {
        var ids = past.All.Select(entry => entry.Id.Milliseconds).Order().ToList();
        return [.. Enumerable.Range(0, Moments).Select(index => index % 2 == 0 ? random.NextInt64(ids[0] - 10, ids[^1] + 10) : ids[random.Next(ids.Count)])];
    }

    private static async Task<string> DigestAsync(PartitionMoment moment)
    {
        var hosts = new List<HostState>();
        foreach (var host in moment.Hosts) hosts.Add((await moment.ReadAsync(host, CancellationToken.None))!);
        return StateDigest.Of(hosts);
    }

    /// <summary>Killed at whatever moment, the writer left no gap and nothing twice.</summary>
    private static async Task AssertPointsMeetAsync(Deployment product)
    {
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            var points = await new PointReader(product.Connection, new HistoryKeys(product.Keys)).ReadPointsAsync(partition, CancellationToken.None);
            if (points.Count == 0) continue;
            Assert.Equal(Enumerable.Range(1, points.Count).Select(number => (long)number), points.Select(point => point.Number));
            Assert.Equal(points.Select(point => point.Id).SkipLast(1).Prepend(StreamId.Zero), points.Select(point => point.From));
            Assert.True(points[0].IsFull);
            var hashes = await product.Connection.GetServer(product.Connection.GetEndPoints()[0]).KeysAsync(pattern: $"wgmonitor:{{p{partition}}}:history:*").CountAsync();
            Assert.Equal(points.Count, hashes);
        }
    }

    private static async Task AssertAnswersAsync(Deployment product, ReferencePast past, long moment)
    {
        var (hosts, _) = past.At(moment);
        var expected = hosts.Values.SelectMany(host => host.Peers.Values.Select(peer => Told(StateKeys.Member(host.Host, peer.Id), peer.Endpoint.IsNone ? "" : peer.Endpoint.Address.ToString(), peer.Cause.ToString())));
        var told = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await GetAsync(product, $"/api/v1/peers?limit=13&at={Text(moment)}&cursor={cursor}");
            told.AddRange(page.GetProperty("items").EnumerateArray().Select(Told));
            cursor = page.GetProperty("next_cursor").GetString();
            Assert.True(page.GetProperty("past").GetProperty("complete").GetBoolean());
        }
        Assert.Equal(expected.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        if (told.Count == 0) return;
        var one = await GetAsync(product, $"/api/v1/peers/{told[0].Split(' ')[0]}?at={Text(moment)}");
        Assert.Equal(told[0], Told(one));
    }

    private static string Told(JsonElement peer) => Told(
        peer.GetProperty("id").GetString()!, peer.GetProperty("endpoint") is { ValueKind: JsonValueKind.Object } endpoint ? endpoint.GetProperty("ip").GetString()! : "", peer.GetProperty("last_event_id").GetString()!);

    private static string Told(string id, string ip, string cause) => $"{id} {ip} {cause}";

    /// <summary>Ended sessions are the fold's findings, and every change of an endpoint that it found ends a stay.</summary>
    private static async Task AssertHistoriesAsync(Deployment product, ReferencePast past)
    {
        var (hosts, findings) = past.At(long.MaxValue);
        var (sessions, changes) = (0, 0);
        foreach (var peer in hosts.Values.SelectMany(host => host.Peers.Keys.Select(id => (host.Host, Id: id, Name: StateKeys.Member(host.Host, id)))))
        {
            var ended = findings.OfType<SessionEnded>().Where(finding => finding.Host == peer.Host && finding.Peer == peer.Id).Select(finding => (finding.Since, finding.At)).Order().ToList();
            var told = (await GetAsync(product, $"/api/v1/peers/{Uri.EscapeDataString(peer.Name)}/sessions?limit=1000")).GetProperty("items").EnumerateArray().Where(IsOver);
            Assert.Equal(ended, told.Select(session => (Microseconds(session, "since"), Microseconds(session, "until"))).Order());
            var moved = findings.OfType<EndpointChanged>().Where(finding => finding.Host == peer.Host && finding.Peer == peer.Id)
                .Select(finding => (Ip: finding.Old.Address.ToString(), Until: finding.At)).ToList();
            var stays = (await GetAsync(product, $"/api/v1/peers/{peer.Name}/endpoints?limit=1000")).GetProperty("items").EnumerateArray().ToList();
            Assert.Subset(stays.Where(IsOver).Select(stay => (Ip: stay.GetProperty("ip").GetString()!, Until: Microseconds(stay, "until"))).ToHashSet(), moved.ToHashSet());
            if (stays.Count > 0 && moved.Count > 0) await AssertUsedAsync(product, stays[0], peer.Name);
            sessions += ended.Count;
            changes += moved.Count;
        }
        Assert.True(sessions > 20 && changes > 5, $"{sessions} sessions, {changes} changes");
    }

    private static async Task AssertUsedAsync(Deployment product, JsonElement stay, string peer)
    {
        var users = await GetAsync(product, $"/api/v1/endpoints?ip={stay.GetProperty("ip").GetString()}&limit=1000");
        Assert.Contains(users.GetProperty("items").EnumerateArray(), user => user.GetProperty("peer").GetString() == peer && user.GetProperty("since").ToString() == stay.GetProperty("since").ToString());
    }

    private static bool IsOver(JsonElement item) => item.GetProperty("until").ValueKind != JsonValueKind.Null;

    private static long Microseconds(JsonElement item, string name) => (item.GetProperty(name).GetDateTimeOffset() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What is known begins at most one point behind what is kept.</summary>
    private static async Task AssertKnownAlmostAsFarAsKeptAsync(Deployment product, HistoryReader reader, int partition)
    {
        var kept = await new LogReader(product.Connection, product.Keys).ReadForwardAsync(partition, StreamId.Zero, StreamId.Max, EveryEntries + 1, CancellationToken.None);
        var found = await reader.ReadPartitionAsync(partition, StreamId.Max, null, 1, CancellationToken.None);
        if (found.KnownSince is { } since && since != StreamId.Zero) Assert.True(since <= kept[^1].Id, $"known since {since}, kept since {kept[0].Id}");
    }

    private static string Text(long moment) => DateTimeOffset.FromUnixTimeMilliseconds(moment).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static Task<JsonElement> GetAsync(Deployment product, string path) => Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{product.ApiPort}{path}"));
}
