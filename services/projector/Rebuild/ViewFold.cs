using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Folds the log, or archive and log, forward into a view beside the live one, a batch a step, under a claim.</summary>
/// <remarks>
/// For views that have to be right at every moment: each batch is written with its checkpoint. What the projector passed over is passed over here too, so that both come to the same whatever this build can apply. Entries that are no event, refused hosts and
/// entries on which the fold throws change nothing; of the last, <see cref="Failed"/> tells.
/// </remarks>
internal sealed class ViewFold(PartitionClaim claim, HostStateStore hosts, FoldLimits limits, IEntryReader entriesOf, PassedEntries passed, ApplyToHost? apply = null)
{
    private const int FailedToldMax = 100;

    private readonly PartitionFold fold = new(hosts, limits, apply);
    private readonly List<StreamId> failed = [];

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
        if (last <= claim.Checkpoint) return 0;
        var entries = await entriesOf.ReadForwardAsync(claim.Partition, claim.Checkpoint, last, max, cancellationToken);
        if (entries.Count == 0) return 0;
        var counted = await passed.LeaveOutAsync(claim.Partition, entries, cancellationToken);
        foreach (var entry in counted)
        {
            if ((await fold.TryApplyAsync(entry, cancellationToken)).Outcome is FoldOutcome.Failed or FoldOutcome.UnknownEvent or FoldOutcome.Malformed) Tell(entry.Id);
        }
        var batch = claim.NewBatch();
        hosts.WriteTo(batch);
        // What comes from an archive does not stand in the log any more, so its script cannot see that nothing was passed over.
        if (entriesOf is LogReader) await claim.ApplyAsync(batch, entries, cancellationToken);
        else await claim.SetCheckpointAsync(batch, entries[^1].Id, cancellationToken);
        hosts.Committed();
        LeftOut += entries.Count - counted.Count;
        return entries.Count;
    }

    private void Tell(StreamId id)
    {
        FailedCount++;
        if (failed.Count < FailedToldMax) failed.Add(id);
    }
}
