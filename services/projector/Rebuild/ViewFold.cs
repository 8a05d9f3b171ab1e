using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Folds the log, or archive and log, forward into a view beside the live one, a batch a step, under a claim.</summary>
/// <remarks>For views that have to be right at every moment: each batch is written with its checkpoint. Entries that are no event, and refused hosts, change nothing here either; the live projection has told of them.</remarks>
internal sealed class ViewFold(PartitionClaim claim, HostStateStore hosts, FoldLimits limits, IEntryReader entriesOf)
{
    private readonly PartitionFold fold = new(hosts, limits);

    /// <summary>Applies the next entries up to <paramref name="last"/>, at most <paramref name="max"/>; returns how many, 0 when there is none.</summary>
    /// <exception cref="PartitionClaimException">The view could not be written; a new fold goes on from what is stored.</exception>
    public async Task<int> StepAsync(StreamId last, int max, CancellationToken cancellationToken)
    {
        if (last <= claim.Checkpoint) return 0;
        var entries = await entriesOf.ReadForwardAsync(claim.Partition, claim.Checkpoint, last, max, cancellationToken);
        if (entries.Count == 0) return 0;
        foreach (var entry in entries) await fold.ApplyAsync(entry, cancellationToken);
        var batch = claim.NewBatch();
        hosts.WriteTo(batch);
        // What comes from an archive does not stand in the log any more, so its script cannot see that nothing was passed over.
        if (entriesOf is LogReader) await claim.ApplyAsync(batch, entries, cancellationToken);
        else await claim.SetCheckpointAsync(batch, entries[^1].Id, cancellationToken);
        hosts.Committed();
        return entries.Count;
    }
}
