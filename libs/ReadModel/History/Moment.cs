using System.Runtime.CompilerServices;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>The state of several partitions after all of their entries up to one moment. Not thread-safe.</summary>
public sealed class Moment(IReadOnlyList<PartitionMoment> partitions)
{
    /// <summary>Every partition reaches back to it, with all of its log.</summary>
    public bool IsComplete => partitions.All(partition => partition.IsComplete);

    /// <summary>The earliest moment that all partitions know, Unix milliseconds: 0 for always, null for none.</summary>
    public long? KnownSince => partitions.Any(partition => partition.KnownSince is null) ? null : partitions.Max(partition => partition.KnownSince!.Value.Milliseconds);

    /// <summary>The peers behind <paramref name="after"/> in order of their ids.</summary>
    public async IAsyncEnumerable<ListedPeer> PeersAsync(string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var afterHost = after.Split('/')[0];
        var hosts = partitions.SelectMany(partition => partition.Hosts.Select(host => (Host: host, Partition: partition)))
            .Where(entry => PointFields.CompareHosts(entry.Host, afterHost) >= 0).OrderBy(entry => entry.Host, Comparer<string>.Create(PointFields.CompareHosts));
        foreach (var (name, partition) in hosts)
        {
            if (await partition.ReadAsync(name, cancellationToken) is not { } host) continue;
            foreach (var listed in host.Peers.Values.Select(peer => new ListedPeer(host, peer)).OrderBy(listed => listed.Id, StringComparer.Ordinal))
            {
                if (string.CompareOrdinal(listed.Id, after) > 0) yield return listed;
            }
        }
    }

    /// <summary>A host with its peers; null when there was none.</summary>
    public async Task<HostState?> ReadHostAsync(string host, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions)
        {
            if (await partition.ReadAsync(host, cancellationToken) is { } state) return state;
        }
        return null;
    }
}
