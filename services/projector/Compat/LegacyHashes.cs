using System.Text;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Compat;

/// <summary>
/// Brings all hashes of the legacy host to what is stored of its peers, whenever its partition is taken over: the option may be new, a rebuild or a rollback may
/// have switched to another view, Redis may have come back with less. From then on each commit writes what it changes.
/// </summary>
internal sealed class LegacyHashes(CompatOptions options, StreamOptions stream, ProjectorMetrics metrics)
{
    /// <summary>Peers of one script: it stays short.</summary>
    private const int PeersAPart = 250;

    /// <summary>The host to write for if it lies in the partition; null for nobody.</summary>
    public LegacyHost? HostOf(int partition) =>
        options.ToLegacyHost() is { } host && Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host.Name), stream.Partitions) == partition ? host : null;

    /// <summary>Writes them all. An owner that lost the partition meanwhile writes nothing, and will notice by itself.</summary>
    /// <exception cref="PartitionClaimException">Redis refused or did not answer; the consumer tries again.</exception>
    public async Task WriteAllAsync(LegacyHost legacy, OwnedPartition partition, HostStateReader reader, CancellationToken cancellationToken)
    {
        var host = await reader.ReadAsync(partition.Partition, legacy.Name, cancellationToken);
        var written = 0;
        foreach (var peers in host.Peers.Values.Chunk(PeersAPart))
        {
            var wrong = new HashSet<string>(StringComparer.Ordinal);
            while (true)
            {
                var batch = partition.NewBatch();
                var recorded = peers.Count(peer => !wrong.Contains(LegacyPeerHash.Key(peer.Id.Number)) && legacy.Write(batch, host, peer));
                var outcome = recorded == 0 ? new CommitOutcome.Applied() : await partition.CommitAsync(batch, cancellationToken);
                if (outcome is CommitOutcome.LeaseLost) return;
                if (outcome is CommitOutcome.Retry) throw new PartitionClaimException(partition.Partition, partition.Group, outcome);
                if (outcome is not CommitOutcome.WrongType { Keys: var keys })
                {
                    written += recorded;
                    break;
                }
                foreach (var key in keys) metrics.Trouble.Unreadable(key, KeyFault.WrongType);
                // A key of the log itself is told by the consumer.
                if (!keys.All(key => key.StartsWith(LegacyPeerHash.KeyPrefix, StringComparison.Ordinal) && wrong.Add(key))) throw new PartitionClaimException(partition.Partition, partition.Group, outcome);
            }
        }
        metrics.LegacyHashesWritten(legacy.Name, written);
    }
}
