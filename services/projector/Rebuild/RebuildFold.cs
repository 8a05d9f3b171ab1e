using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>
/// Folds the log, or archive and log, forward into a view that nobody reads yet. The next entries are read while these are folded, and what many entries changed is
/// written once, in parts that leave Redis time for others.
/// </summary>
/// <remarks>
/// Between its parts the view stands between two entries; the checkpoint is none then, so that whoever goes on after a kill begins anew. Before and behind, the view is
/// that of its checkpoint, as with <see cref="ViewFold"/>, which is for views that must never be in between.
/// </remarks>
internal sealed class RebuildFold(PartitionClaim claim, HostStateStore hosts, FoldLimits limits, IEntryReader entriesOf, PassedEntries passed)
{
    /// <summary>Folded in memory until they are written. More would write a busy peer less often, and hold more.</summary>
    private const int UnwrittenMax = 50_000;

    /// <summary>Hosts and peers written by one script: some milliseconds of Redis.</summary>
    private const int HashesAPart = 250;

    private StreamId position = claim.Checkpoint;
    private StreamId first;
    private int unwritten;
    private Task<LogPart>? ahead;

    /// <summary>What was applied, and what could not be.</summary>
    public LogReplay Replay { get; } = new(claim.Partition, entriesOf, passed, new(hosts, limits));

    /// <summary>Applies the next entries up to <paramref name="last"/>, at most <paramref name="max"/>; returns how many, 0 when there is none.</summary>
    /// <exception cref="PartitionClaimException">The view could not be written; a new fold goes on from what is stored.</exception>
    public async Task<int> StepAsync(StreamId last, int max, CancellationToken cancellationToken)
    {
        if (last <= position) return 0;
        var part = ahead is null ? LogPart.Empty : await ahead;
        ahead = null;
        if (part.All.Count == 0) part = await Replay.ReadAsync(position, last, max, cancellationToken);
        if (part.All.Count == 0) return 0;
        var end = part.All[^1].Id;
        if (part.All.Count == max && end < last) ahead = Replay.ReadAsync(end, last, max, cancellationToken);
        if (unwritten == 0) first = part.All[0].Id;
        await Replay.ApplyAsync(part, cancellationToken);
        (position, unwritten) = (end, unwritten + part.All.Count);
        if (unwritten >= UnwrittenMax) await WriteAsync(cancellationToken);
        return part.All.Count;
    }

    /// <summary>Writes what was folded and not written yet.</summary>
    /// <exception cref="PartitionClaimException">The view could not be written; a new fold goes on from what is stored.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (unwritten == 0) return;
        var isFirst = true;
        FencedBatch? before = null;
        foreach (var part in hosts.WriteParts(claim.NewBatch, HashesAPart))
        {
            if (before is not null)
            {
                await WriteAsync(before, StreamId.Zero, isFirst, cancellationToken);
                isFirst = false;
            }
            before = part;
        }
        await WriteAsync(before!, position, isFirst, cancellationToken);
        hosts.Committed();
        unwritten = 0;
    }

    /// <summary>
    /// The log is trimmed from its beginning only: while the first entry is there, none behind it was passed over. What comes from an archive does not stand in the
    /// log any more.
    /// </summary>
    private Task WriteAsync(FencedBatch part, StreamId checkpoint, bool isFirst, CancellationToken cancellationToken) => isFirst && Replay.IsOfLog
        ? claim.SetCheckpointAsync(part, checkpoint, first, cancellationToken)
        : claim.SetCheckpointAsync(part, checkpoint, cancellationToken);
}
