using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>
/// Read this first. One owned partition, events in, peer state out:
/// decode → load the host at its first event → fold → write what differs, together with the checkpoint, in one fenced script.
/// A batch writes each changed peer once, however many of its events touched it.
/// </summary>
internal sealed class PeerProjection(
    OwnedPartition partition, HostStateStore hosts, FoldLimits limits, ParkedEvents parked, ProjectorMetrics metrics) : IPartitionHandler
{
    private readonly PartitionFold fold = new(hosts, limits);

    public async ValueTask ApplyAsync(IReadOnlyList<StreamEntry> entries, FencedBatch batch, CancellationToken cancellationToken)
    {
        var refused = 0;
        foreach (var entry in entries)
        {
            var (outcome, header, findings) = await fold.ApplyAsync(entry, cancellationToken);
            if (outcome == FoldOutcome.Folded)
            {
                metrics.Found(findings);
            }
            else if (outcome == FoldOutcome.HostRefused)
            {
                refused++;
                metrics.Trouble.HostRefused(partition.Partition, header.Host);
            }
            else
            {
                parked.Add(batch, partition.Partition, entry, outcome);
            }
        }
        metrics.Folded(entries.Count - refused, hosts.WriteTo(batch));
    }

    public ValueTask ParkAsync(StreamEntry entry, FencedBatch batch, CancellationToken cancellationToken)
    {
        parked.AddFailed(batch, partition.Partition, entry);
        return ValueTask.CompletedTask;
    }

    public ValueTask CommittedAsync(StreamId checkpoint, CancellationToken cancellationToken)
    {
        hosts.Committed();
        return ValueTask.CompletedTask;
    }

    /// <summary>Somebody put another type at a key of ours: that key is left alone and told, everything else goes on.</summary>
    public ValueTask WrongTypeAsync(string key, FencedBatch batch, CancellationToken cancellationToken)
    {
        metrics.Trouble.Unreadable(key, KeyFault.WrongType);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
