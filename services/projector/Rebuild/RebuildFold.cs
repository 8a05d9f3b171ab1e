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

    private const int FailedToldMax = 100;

    private readonly PartitionFold fold = new(hosts, limits);
    private readonly List<StreamId> failed = [];
    private StreamId position = claim.Checkpoint;
    private StreamId first;
    private int unwritten;
    private Task<List<StreamEntry>>? ahead;

    /// <summary>Entries that the projector had passed over, or applied in another place.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Entries that could not be applied here and that the projector did not pass over: no event, or the fold threw.</summary>
    public long FailedCount { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<StreamId> Failed => failed;

    /// <summary>Applies the next entries up to <paramref name="last"/>, at most <paramref name="max"/>; returns how many, 0 when there is none.</summary>
    /// <exception cref="PartitionClaimException">The view could not be written; a new fold goes on from what is stored.</exception>
    public async Task<int> StepAsync(StreamId last, int max, CancellationToken cancellationToken)
    {
        if (last <= position) return 0;
        var entries = ahead is null ? [] : await ahead;
        ahead = null;
        if (entries.Count == 0) entries = await entriesOf.ReadForwardAsync(claim.Partition, position, last, max, cancellationToken);
        if (entries.Count == 0) return 0;
        if (entries.Count == max && entries[^1].Id < last) ahead = entriesOf.ReadForwardAsync(claim.Partition, entries[^1].Id, last, max, cancellationToken);
        if (unwritten == 0) first = entries[0].Id;
        var counted = await passed.LeaveOutAsync(claim.Partition, entries, cancellationToken);
        foreach (var entry in counted)
        {
            if ((await fold.TryApplyAsync(entry, cancellationToken)).Outcome is FoldOutcome.Failed or FoldOutcome.UnknownEvent or FoldOutcome.Malformed) Tell(entry.Id);
        }
        LeftOut += entries.Count - counted.Count;
        (position, unwritten) = (entries[^1].Id, unwritten + entries.Count);
        if (unwritten >= UnwrittenMax) await WriteAsync(cancellationToken);
        return entries.Count;
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

    private void Tell(StreamId id)
    {
        FailedCount++;
        if (failed.Count < FailedToldMax) failed.Add(id);
    }

    /// <summary>
    /// The log is trimmed from its beginning only: while the first entry is there, none behind it was passed over. What comes from an archive does not stand in the
    /// log any more.
    /// </summary>
    private Task WriteAsync(FencedBatch part, StreamId checkpoint, bool isFirst, CancellationToken cancellationToken) => isFirst && entriesOf is LogReader
        ? claim.SetCheckpointAsync(part, checkpoint, first, cancellationToken)
        : claim.SetCheckpointAsync(part, checkpoint, cancellationToken);
}
