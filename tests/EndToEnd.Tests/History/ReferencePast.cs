using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>The whole log as it was before anything was trimmed, and what one thread makes of it up to any position.</summary>
internal sealed record ReferencePast(IReadOnlyList<IReadOnlyList<StreamEntry>> Partitions)
{
    public static async Task<ReferencePast> ReadAsync(LogReader log, int partitions)
    {
        var all = new List<IReadOnlyList<StreamEntry>>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var entries = new List<StreamEntry>();
            await foreach (var page in log.ReadAllAsync(partition, StreamId.Zero, StreamId.Max, 1_000, CancellationToken.None)) entries.AddRange(page);
            all.Add(entries);
        }
        return new(all);
    }

    public long Entries => Partitions.Sum(entries => (long)entries.Count);

    public IEnumerable<StreamEntry> All => Partitions.SelectMany(entries => entries);

    /// <summary>Digest of a partition after all entries of each millisecond asked for.</summary>
    public Dictionary<long, string> Digests(int partition, IEnumerable<long> moments)
    {
        var digests = new Dictionary<long, string>();
        var hosts = new Dictionary<string, HostState>();
        var next = 0;
        foreach (var moment in moments.Distinct().Order())
        {
            for (; next < Partitions[partition].Count && Partitions[partition][next].Id.Milliseconds <= moment; next++) Apply(hosts, Partitions[partition][next]);
            digests.Add(moment, StateDigest.Of(hosts.Values));
        }
        return digests;
    }

    /// <summary>All hosts after all entries up to a millisecond, and everything that was found on the way.</summary>
    public (IReadOnlyDictionary<string, HostState> Hosts, IReadOnlyList<HostFinding> Findings) At(long moment)
    {
        var hosts = new Dictionary<string, HostState>();
        var findings = new List<HostFinding>();
        foreach (var entry in All)
        {
            if (entry.Id.Milliseconds <= moment) findings.AddRange(Apply(hosts, entry));
        }
        return (hosts, findings);
    }

    private static IEnumerable<HostFinding> Apply(Dictionary<string, HostState> hosts, StreamEntry entry)
    {
        if (new EventDecoder().TryDecode(entry.Fields, out var e) != DecodeOutcome.Decoded) throw new InvalidOperationException($"entry {entry.Id} does not decode");
        var host = hosts.GetValueOrDefault(e!.Header.Host) ?? HostState.Of(e.Header.Host);
        (hosts[host.Host], var findings) = HostFold.Apply(host, e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence));
        return findings;
    }
}
