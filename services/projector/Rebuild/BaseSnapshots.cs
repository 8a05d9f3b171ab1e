using StackExchange.Redis;
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
    IConnectionMultiplexer redis, StreamKeys keys, PartitionClaims claims, LogReader log, StreamOptions stream, StateOptions state, ProjectorMetrics metrics)
{
    // Whole nodes of the stream are trimmed, so a few entries before the base are still there.
    private const int UntrimmedMax = 10_000;

    private readonly StateKeys baseKeys = StateKeys.Base(keys);

    /// <summary>
    /// Folds the entries above the retention into the base; does nothing while somebody else works with it, a rebuild above all. What could not be written, or
    /// may not have been, is the next round's: the base knows how far it is.
    /// </summary>
    public async Task AdvanceAsync(int partition, CancellationToken cancellationToken)
    {
        try
        {
            await FoldSurplusAsync(partition, cancellationToken);
        }
        catch (PartitionClaimException)
        {
        }
    }

    private async Task FoldSurplusAsync(int partition, CancellationToken cancellationToken)
    {
        if (await SurplusAsync(partition) <= 0) return;
        await using var claim = await claims.TryClaimAsync(partition, ConsumerGroups.Base);
        if (claim is null) return;
        var limit = await LowestCheckpointAsync(partition);
        var untrimmed = claim.Checkpoint == StreamId.Zero ? 0 : (await log.ReadForwardAsync(partition, StreamId.Zero, claim.Checkpoint, UntrimmedMax, cancellationToken)).Count;
        var surplus = await SurplusAsync(partition) - untrimmed;
        var hosts = new HostStateStore(new HostStateReader(redis, baseKeys, metrics.Trouble.Unreadable), baseKeys, partition, state.HostsMax);
        var fold = new ViewFold(claim, hosts, state.ToFoldLimits(), log);
        while (surplus > 0)
        {
            var folded = await fold.StepAsync(limit, (int)Math.Min(surplus, stream.ReadBatchMax), cancellationToken);
            if (folded == 0) return;
            surplus -= folded;
        }
    }

    private async Task<long> SurplusAsync(int partition) => await redis.GetDatabase().StreamLengthAsync(keys.Events(partition)) - stream.RetentionEntriesMax;

    private async Task<StreamId> LowestCheckpointAsync(int partition)
    {
        var checkpoints = await Task.WhenAll(ConsumerGroups.All.Select(group => claims.ReadCheckpointAsync(partition, group)));
        return checkpoints.Min();
    }
}
