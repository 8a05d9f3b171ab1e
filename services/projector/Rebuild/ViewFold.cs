using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Folds the log, or archive and log, forward into a view beside the live one, a batch a step, under a claim.</summary>
/// <remarks>For views that have to be right at every moment: each batch is written with its checkpoint.</remarks>
internal sealed class ViewFold(PartitionClaim claim, HostStateStore hosts, FoldLimits limits, IEntryReader entriesOf, PassedEntries passed, ApplyToHost? apply = null)
{
    /// <summary>What was applied, and what could not be.</summary>
    public LogReplay Replay { get; } = new(claim.Partition, entriesOf, passed, new(hosts, limits, apply));

    /// <summary>Applies the next entries up to <paramref name="last"/>, at most <paramref name="max"/>; returns how many, 0 when there is none.</summary>
    /// <exception cref="PartitionClaimException">The view could not be written; a new fold goes on from what is stored.</exception>
    public async Task<int> StepAsync(StreamId last, int max, CancellationToken cancellationToken)
    {
        if (last <= claim.Checkpoint) return 0;
        var part = await Replay.ReadAsync(claim.Checkpoint, last, max, cancellationToken);
        if (part.All.Count == 0) return 0;
        await Replay.ApplyAsync(part, cancellationToken);
        var batch = claim.NewBatch();
        hosts.WriteTo(batch);
        // What comes from an archive does not stand in the log any more, so its script cannot see that nothing was passed over.
        if (Replay.IsOfLog) await claim.ApplyAsync(batch, part.All, cancellationToken);
        else await claim.SetCheckpointAsync(batch, part.All[^1].Id, cancellationToken);
        hosts.Committed();
        return part.All.Count;
    }
}
