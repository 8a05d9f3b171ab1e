using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Notifier;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What the log adds up to, folded once from its beginning by one thread: what every service must have come to, whatever happened to it.</summary>
internal sealed record ReferenceFold(IReadOnlyDictionary<string, HostState> Hosts, IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<StreamId> LastIds, long Events)
{
    public string Digest => StateDigest.Of(Hosts.Values);

    /// <summary>What differs between this and what a service has stored, line by line; empty when the digests are equal.</summary>
    public async Task<string> DifferencesAsync(IConnectionMultiplexer redis, StateKeys keys, int partitions)
    {
        var stored = (await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => StoredAsync(redis, keys, partition)))).SelectMany(hosts => hosts).ToList();
        if (StateDigest.Of(stored) == Digest) return "";
        var (expected, actual) = (Lines(Hosts.Values).ToHashSet(), Lines(stored).ToHashSet());
        return string.Join('\n', expected.Except(actual).Select(line => "expected " + line).Concat(actual.Except(expected).Select(line => "stored   " + line)).OrderBy(line => line[9..]));
    }

    private static IEnumerable<string> Lines(IEnumerable<HostState> hosts) =>
        hosts.SelectMany(host => host.Peers.Values.Select(peer => StateDigest.PeerText(host.Host, peer)).Append(StateDigest.HostText(host)));

    /// <param name="redis">Of the log.</param>
    /// <param name="keys">Of the log.</param>
    /// <param name="partitions">Of the log.</param>
    /// <param name="before">What it added up to when less stood in it, for a log that was trimmed since; null for the whole.</param>
    public static async Task<ReferenceFold> OfAsync(IConnectionMultiplexer redis, StreamKeys keys, int partitions, ReferenceFold? before = null)
    {
        var reader = new LogReader(redis, keys);
        var hosts = before is null ? [] : before.Hosts.ToDictionary();
        List<AlertRecord> alerts = [.. before?.Alerts ?? []];
        var last = new List<StreamId>();
        var rule = new EndpointChangedRule("endpoint-changed", portChanges: true);
        var decoder = new EventDecoder();
        var events = before?.Events ?? 0;
        for (var partition = 0; partition < partitions; partition++)
        {
            var id = before?.LastIds[partition] ?? StreamId.Zero;
            await foreach (var page in reader.ReadAllAsync(partition, id, StreamId.Max, 1000, CancellationToken.None))
            {
                foreach (var entry in page)
                {
                    id = entry.Id;
                    events++;
                    if (decoder.TryDecode(entry.Fields, out var e) != DecodeOutcome.Decoded) throw new InvalidOperationException($"entry {entry.Id} does not decode");
                    var host = hosts.GetValueOrDefault(e!.Header.Host) ?? HostState.Of(e.Header.Host);
                    var (state, findings) = HostFold.Apply(host, e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence));
                    hosts[e.Header.Host] = state;
                    foreach (var finding in findings)
                    {
                        if (rule.Judge(finding, e.Header) is { } alert) alerts.Add(alert);
                    }
                }
            }
            last.Add(id);
        }
        return new(hosts, alerts, last, events);
    }

    /// <summary>The state a service has stored, read back the way a new owner would.</summary>
    public static async Task<IReadOnlyList<HostState>> StoredAsync(IConnectionMultiplexer redis, StateKeys keys, int partition)
    {
        var reader = new HostStateReader(redis, keys);
        var hosts = new List<HostState>();
        foreach (var host in await redis.GetDatabase().SortedSetRangeByRankAsync(keys.HostIndex(partition)))
            hosts.Add(await reader.ReadAsync(partition, host.ToString(), CancellationToken.None));
        return hosts;
    }

    public static async Task<IReadOnlyList<StreamId>> CheckpointsAsync(IConnectionMultiplexer redis, StreamKeys keys, string group, int partitions)
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => redis.GetDatabase().StringGetAsync(keys.Checkpoint(partition, group))));
        return [.. ids.Select(id => StreamId.TryParse(id.ToString(), out var parsed) ? parsed : StreamId.Zero)];
    }

    /// <summary>Ids in the outbox, in order of partition.</summary>
    public static async Task<IReadOnlyList<string>> OutboxAsync(IConnectionMultiplexer redis, StreamKeys keys, int partitions)
    {
        var ids = new List<string>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var entries = await redis.GetDatabase().StreamRangeAsync(keys.Alerts(partition));
            ids.AddRange(entries.Select(entry => entry[AlertCodec.IdField].ToString()));
        }
        return ids;
    }
}
