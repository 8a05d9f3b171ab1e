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
    OwnedPartition partition, HostStateStore hosts, FoldLimits limits, PartitionPark park, ProjectorMetrics metrics, ApplyToHost? apply = null) : IPartitionHandler
{
    private readonly PartitionFold fold = new(hosts, limits, apply);

    public async ValueTask ApplyAsync(IReadOnlyList<StreamEntry> entries, FencedBatch batch, CancellationToken cancellationToken)
    {
        var refused = 0;
        foreach (var entry in entries)
        {
            if (!await park.CountsAsync(entry, cancellationToken)) continue;
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
                await ParkAsync(entry, ParkReason.Of(outcome), batch, cancellationToken);
            }
        }
        metrics.Folded(entries.Count - refused, hosts.WriteTo(batch));
    }

    /// <summary>The fold failed on it: a bug, and the log says where.</summary>
    public ValueTask ParkAsync(StreamEntry entry, FencedBatch batch, CancellationToken cancellationToken) => ParkAsync(entry, ParkReason.Failed, batch, cancellationToken);

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

    private async ValueTask ParkAsync(StreamEntry entry, string reason, FencedBatch batch, CancellationToken cancellationToken)
    {
        await park.AddAsync(entry, reason, batch, cancellationToken);
        metrics.Parked(entry.Id, reason);
    }
}
