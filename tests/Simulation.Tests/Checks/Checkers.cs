using System.Text;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Notifier;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Simulation.Tests.World;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.Checks;

/// <summary>The four questions at the end of a run, asked of what Redis holds, against one fold of the log by one thread.</summary>
internal sealed partial class Checkers
{
    private readonly Server server;
    private readonly SimulatedLog log;
    private readonly Receiver receiver;
    private readonly IReadOnlyList<SimulatedEvent> events;
    private readonly Dictionary<string, HostState> hosts = [];
    private readonly Dictionary<int, List<string>> alerts = [];
    private readonly Dictionary<int, List<string>> unreadable = [];

    public Checkers(Server server, SimulatedLog log, Receiver receiver, IReadOnlyList<SimulatedEvent> events)
    {
        this.server = server;
        this.log = log;
        this.receiver = receiver;
        this.events = events;
        for (var partition = 0; partition < log.Stream.Partitions; partition++) Fold(partition);
    }

    /// <summary>C1: every event stands in the log once, and each entry is applied, or parked.</summary>
    public IEnumerable<string> Events()
    {
        var serials = server.History.Values.SelectMany(entries => entries).Select(entry => entry.Fields[^1]).Order(StringComparer.Ordinal);
        var expected = events.Select(e => Encoding.ASCII.GetString(e.Fields[^1].Value.Span)).Order(StringComparer.Ordinal);
        if (!serials.SequenceEqual(expected)) yield return $"C1: {events.Count} events came in, and the log held {server.History.Values.Sum(entries => entries.Count)} entries, or others";
        for (var partition = 0; partition < log.Stream.Partitions; partition++)
        {
            foreach (var group in ConsumerGroups.All)
            {
                var parked = Parked(partition, group).ToList();
                if (!parked.SequenceEqual(unreadable[partition])) yield return $"C1: {group} of partition {partition} should have parked [{string.Join(' ', unreadable[partition])}] and has [{string.Join(' ', parked)}]";
            }
        }
    }

    /// <summary>C2: projector and notifier hold the state that the log adds up to.</summary>
    public async Task<List<string>> StateAsync(IConnectionMultiplexer redis)
    {
        var violations = new List<string>();
        var expected = hosts.Values.SelectMany(Lines).ToHashSet();
        foreach (var group in ConsumerGroups.All)
        {
            var stored = new HashSet<string>();
            for (var partition = 0; partition < log.Stream.Partitions; partition++)
            {
                var keys = group == ConsumerGroups.Notifier ? StateKeys.Notifier(log.Keys) : await new StateGenerations(redis, log.Keys).LiveKeysAsync(partition, CancellationToken.None);
                var reader = new HostStateReader(redis, keys);
                foreach (var host in await reader.ReadHostNamesAsync(partition, CancellationToken.None))
                    stored.UnionWith(Lines(await reader.ReadAsync(partition, host, CancellationToken.None)));
            }

            if (stored.SetEquals(expected)) continue;
            var differences = expected.Except(stored).Select(line => $"expected {line}").Concat(stored.Except(expected).Select(line => $"stored   {line}"));
            violations.Add($"C2: the {group}'s state is not what the log adds up to:\n{string.Join('\n', differences.Order().Take(6))}");
        }

        return violations;
    }

    /// <summary>C3: the outbox holds the alerts of the log, each once and in order, and each was delivered. Only what Redis lost may have been delivered beside them.</summary>
    public IEnumerable<string> Alerts()
    {
        var delivered = receiver.Delivered.ToHashSet();
        foreach (var (partition, expected) in alerts)
        {
            var stream = server.Model.Stream(new AlertKeys(log.Keys).Outbox(partition));
            var raised = stream?.Entries.Select(entry => entry.Fields[Array.IndexOf(entry.Fields, AlertCodec.IdField) + 1]).ToList() ?? [];
            if (!raised.SequenceEqual(expected)) yield return $"C3: partition {partition} should have raised {expected.Count} alerts and has {raised.Count}, or others";
            var missing = expected.Where(alert => !delivered.Contains(alert)).ToList();
            if (missing.Count > 0) yield return $"C3: {missing.Count} alerts of partition {partition} were not delivered";
        }

        var unknown = delivered.Except(alerts.Values.SelectMany(ids => ids)).Count();
        if (unknown > 0 && server.Rewinds == 0) yield return $"C3: {unknown} alerts were delivered that the log does not give";
    }

    /// <summary>C4: nothing is pending, nobody is left, and every key is one of ours.</summary>
    public IEnumerable<string> Leaks()
    {
        for (var partition = 0; partition < log.Stream.Partitions; partition++)
        {
            foreach (var (name, group) in server.Model.Stream(log.Keys.Events(partition))?.Groups ?? [])
            {
                if (group.Pending.Count > 0) yield return $"C4: {group.Pending.Count} entries of partition {partition} are pending in {name}";
                if (!group.Consumers.IsSubsetOf([StreamKeys.Slot(partition)])) yield return $"C4: consumers of {name}: {string.Join(' ', group.Consumers)}";
                if (!ConsumerGroups.All.Contains(name)) yield return $"C4: a group {name}";
            }

            foreach (var group in ConsumerGroups.All)
                if (server.Model.Execute(["HGET", log.Keys.Lease(partition, group), "owner"]) is string { Length: > 0 } owner) yield return $"C4: {owner} still holds partition {partition} of {group}";
        }

        foreach (var key in server.Model.Keys.Where(key => !KnownKey().IsMatch(key))) yield return $"C4: key {key}";
        foreach (var key in server.Model.Keys.Where(key => server.Restores == 0 && key.EndsWith(":rewound", StringComparison.Ordinal))) yield return $"C4: {key} tells of a loss that was none";
    }

    [GeneratedRegex(@"^s:(members:(projector|notifier)|\{p\d\}:(events|alerts|(parked|passed):(projector|notifier)|rewound|generation|peers|hosts|(g\d+:|notifier:|base:)?(peers|hosts|(peer|host):.+)|notifier:cursors|alert:[0-9a-f]+|producer:c\d|(lease|checkpoint):(projector|notifier|base)))$")]
    private static partial Regex KnownKey();

    private IEnumerable<string> Parked(int partition, string group) =>
        (server.Model.Stream(log.Keys.Parked(partition, group))?.Entries ?? []).Select(entry => entry.Fields[1]);

    private void Fold(int partition)
    {
        var decoder = new EventDecoder();
        var rule = new EndpointChangedRule("endpoint-changed", portChanges: true);
        var found = alerts[partition] = [];
        var poison = unreadable[partition] = [];
        foreach (var entry in server.History.GetValueOrDefault(log.Keys.Events(partition)) ?? [])
        {
            var fields = entry.Fields.Chunk(2).Select(pair => new EventField(Encoding.Latin1.GetBytes(pair[0]), Encoding.Latin1.GetBytes(pair[1]))).ToArray();
            if (decoder.TryDecode(fields, out var e) != DecodeOutcome.Decoded)
            {
                poison.Add(entry.Id.ToString());
                continue;
            }

            var host = hosts.GetValueOrDefault(e!.Header.Host) ?? HostState.Of(e.Header.Host);
            (hosts[host.Host], var findings) = HostFold.Apply(host, e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence), log.State.ToFoldLimits());
            foreach (var finding in findings)
                if (rule.Judge(finding, e.Header) is { } alert) found.Add(alert.Id);
        }
    }

    private static IEnumerable<string> Lines(HostState host) => host.Peers.Values.Select(peer => StateDigest.PeerText(host.Host, peer)).Append(StateDigest.HostText(host));
}
