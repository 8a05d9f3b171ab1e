using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Notifier;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What the log adds up to, folded once from its beginning by one thread: what every service must have come to, whatever happened to it.</summary>
internal sealed record ReferenceFold(IReadOnlyDictionary<string, HostState> Hosts, IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<StreamId> LastIds, long Events)
{
    /// <summary>The rule that is judged. Others tell of silence and gaps, which depend on the clock.</summary>
    public const string Rule = "endpoint-changed";

    public string Digest => StateDigest.Of(Hosts.Values);

    /// <summary>
    /// Waits until projector and notifier have applied all of the log, and compares what they stored with one fold of it. A collector tells a second after its
    /// start what was lost before it, and of other losses once a minute: when the log grew during the comparison, that counts for nothing and is made anew.
    /// </summary>
    /// <param name="redis">Of the log.</param>
    /// <param name="keys">Of the log.</param>
    /// <param name="partitions">Of the log.</param>
    /// <param name="caughtUp">Waits until the group stands at the end of the log.</param>
    /// <param name="projector">Where the projector's state of a partition lies, if not where it lies before any rebuild.</param>
    /// <param name="rule">Whose alerts are compared; null where there may be no others.</param>
    public static async Task<ReferenceFold> EqualsStoredAsync(
        IConnectionMultiplexer redis, StreamKeys keys, int partitions, Func<string, Task> caughtUp, Func<int, StateKeys>? projector = null, string? rule = null)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var reference = await OfAsync(redis, keys, partitions);
            foreach (var group in ConsumerGroups.All) await caughtUp(group);
            var projected = await reference.DifferencesAsync(redis, projector ?? (_ => StateKeys.Projector(keys)), partitions);
            var notified = await reference.DifferencesAsync(redis, StateKeys.Notifier(keys), partitions);
            var alerts = await OutboxAsync(redis, keys, partitions, rule);
            var checkpoints = await Task.WhenAll(ConsumerGroups.All.Select(group => CheckpointsAsync(redis, keys, group, partitions)));
            if (!(await EndsAsync(redis, keys, partitions)).SequenceEqual(reference.LastIds)) continue;
            Assert.Equal("", projected);
            Assert.Equal("", notified);
            Assert.All(checkpoints, ids => Assert.Equal(reference.LastIds, ids));
            Assert.Equal(reference.Alerts.Select(alert => alert.Id), alerts);
            return reference;
        }
        throw new TimeoutException("the log does not stop growing");
    }

    /// <summary>Every entry of the log is applied by a group.</summary>
    public static async Task<bool> IsCaughtUpAsync(IConnectionMultiplexer redis, StreamKeys keys, int partitions, string group)
    {
        var ends = await EndsAsync(redis, keys, partitions);
        var checkpoints = await CheckpointsAsync(redis, keys, group, partitions);
        return ends.Zip(checkpoints).All(pair => pair.First == StreamId.Zero || pair.First == pair.Second);
    }

    private static async Task<IReadOnlyList<StreamId>> EndsAsync(IConnectionMultiplexer redis, StreamKeys keys, int partitions)
    {
        var last = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition =>
            redis.GetDatabase().StreamRangeAsync(keys.Events(partition), count: 1, messageOrder: Order.Descending)));
        return [.. last.Select(entries => entries is [var entry] ? StreamId.Parse(entry.Id.ToString()) : StreamId.Zero)];
    }

    /// <summary>What differs between this and what a service has stored, line by line; empty when the digests are equal.</summary>
    public Task<string> DifferencesAsync(IConnectionMultiplexer redis, StateKeys keys, int partitions) => DifferencesAsync(redis, _ => keys, partitions);

    /// <inheritdoc cref="DifferencesAsync(IConnectionMultiplexer, StateKeys, int)"/>
    public async Task<string> DifferencesAsync(IConnectionMultiplexer redis, Func<int, StateKeys> keys, int partitions)
    {
        var stored = (await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => StoredAsync(redis, keys(partition), partition)))).SelectMany(hosts => hosts).ToList();
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
        var rule = new EndpointChangedRule(Rule, portChanges: true);
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

    /// <summary>Ids in the outbox, in order of partition: of one rule, or of all.</summary>
    public static async Task<IReadOnlyList<string>> OutboxAsync(IConnectionMultiplexer redis, StreamKeys keys, int partitions, string? rule = null)
    {
        var ids = new List<string>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var entries = await redis.GetDatabase().StreamRangeAsync(keys.Alerts(partition));
            ids.AddRange(entries.Where(entry => rule is null || entry["rule"] == rule).Select(entry => entry[AlertCodec.IdField].ToString()));
        }
        return ids;
    }
}
