using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>
/// The base snapshot of a partition: what the log came to up to an entry that every group has applied. Old entries are folded into it before they may be
/// trimmed, so base and tail together are always the whole state.
/// </summary>
/// <remarks>
/// It is written by folding, never by copying the live state: no moment has to be found at which that stands still, and a mistake in the live state is not
/// inherited. Each entry is folded once more, when it is old.
/// </remarks>
internal sealed class BaseSnapshots(
    IConnectionMultiplexer redis, StreamKeys keys, PartitionClaims claims, LogReader log, StreamOptions stream, StateOptions state, ProjectorMetrics metrics,
    ILogger<BaseSnapshots> logger)
{
    // Whole nodes of the stream are trimmed, so a few entries before the base are still there.
    private const int UntrimmedMax = 10_000;

    private readonly StateKeys baseKeys = StateKeys.Base(keys);

    /// <summary>
    /// Folds the entries that may go into the base; does nothing while somebody else works with it, a rebuild above all. What could not be written, or may not
    /// have been, is the next round's: the base knows how far it is.
    /// </summary>
    public async Task AdvanceAsync(int partition, LogExtent extent, RetentionCut cut, CancellationToken cancellationToken)
    {
        try
        {
            await FoldOldAsync(partition, extent, cut, cancellationToken);
        }
        catch (PartitionClaimException)
        {
        }
    }

    private async Task FoldOldAsync(int partition, LogExtent extent, RetentionCut cut, CancellationToken cancellationToken)
    {
        if (extent.Entries <= cut.EntriesMax && extent.First >= cut.OlderThan && cut.OverCeiling == 0) return;
        await using var claim = await claims.TryClaimAsync(partition, ConsumerGroups.Base);
        if (claim is null) return;
        if (claim.Checkpoint == StreamId.Zero && extent.Removed > 0) await TellIncompleteAsync(claim, extent, cancellationToken);
        var limit = await LowestCheckpointAsync(partition);
        var untrimmed = claim.Checkpoint == StreamId.Zero ? 0 : (await log.ReadForwardAsync(partition, StreamId.Zero, claim.Checkpoint, UntrimmedMax, cancellationToken)).Count;
        var hosts = new HostStateStore(new HostStateReader(redis, baseKeys, metrics.Trouble.Unreadable), baseKeys, partition, state.HostsMax);
        var fold = new ViewFold(claim, hosts, state.ToFoldLimits(), log, new PassedEntries(redis, keys, ConsumerGroups.Projector));
        var folded = await FoldAsync(fold, limit, extent.Entries - untrimmed - cut.EntriesMax, cancellationToken);
        if (cut.OlderThan > StreamId.Zero) folded += await FoldAsync(fold, Earlier(limit, new StreamId(cut.OlderThan.Milliseconds - 1, long.MaxValue)), long.MaxValue, cancellationToken);
        // What goes at the ceiling is lost for who has not applied it, but not for the base.
        await FoldAsync(fold, extent.Last, cut.OverCeiling - untrimmed - folded, cancellationToken);
        metrics.LeftOutOfBase(partition, fold.Replay.FailedCount, fold.Replay.Failed);
    }

    private async Task<long> FoldAsync(ViewFold fold, StreamId limit, long surplus, CancellationToken cancellationToken)
    {
        long folded = 0;
        while (folded < surplus)
        {
            var step = await fold.StepAsync(limit, (int)Math.Min(surplus - folded, stream.ReadBatchMax), cancellationToken);
            if (step == 0) break;
            folded += step;
        }
        return folded;
    }

    // A base that begins behind trimmed entries stands for less than it says, and a rebuild must know.
    private async Task TellIncompleteAsync(PartitionClaim claim, LogExtent extent, CancellationToken cancellationToken)
    {
        logger.BaseIncomplete(claim.Partition, extent.First, extent.Removed);
        var batch = claim.NewBatch();
        batch.SetHash(keys.Lost(claim.Partition),
        [
            EventField.Of($"{ConsumerGroups.Base}:entries", extent.Removed),
            EventField.Of($"{ConsumerGroups.Base}:after", StreamId.Zero.ToString()),
            EventField.Of($"{ConsumerGroups.Base}:until", extent.First.ToString()),
            EventField.Of($"{ConsumerGroups.Base}:at", extent.Now),
        ]);
        await claim.WriteAsync(batch, cancellationToken);
    }

    private static StreamId Earlier(StreamId one, StreamId other) => one < other ? one : other;

    private async Task<StreamId> LowestCheckpointAsync(int partition)
    {
        var checkpoints = await Task.WhenAll(ConsumerGroups.All.Select(group => claims.ReadCheckpointAsync(partition, group)));
        return checkpoints.Min();
    }
}
