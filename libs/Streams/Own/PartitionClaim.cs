namespace WgMonitor.Streams;

/// <summary>A partition claimed for one piece of work. Renews its lease until it is disposed of, which gives the partition back.</summary>
public sealed class PartitionClaim : IAsyncDisposable
{
    private readonly OwnedPartition owned;
    private readonly CancellationTokenSource lost;
    private readonly CancellationTokenSource ended = new();
    private readonly Lease lease;
    private readonly BatchCommitter committer;
    private readonly Task renewing;

    internal PartitionClaim(OwnedPartition owned, CancellationTokenSource lost, Lease lease, BatchCommitter committer, StreamId checkpoint, TimeSpan ttl, TimeProvider time)
    {
        this.owned = owned;
        this.lost = lost;
        this.lease = lease;
        this.committer = committer;
        Checkpoint = checkpoint;
        renewing = RenewAsync(ttl, time);
    }

    /// <summary>0 to partitions - 1.</summary>
    public int Partition => owned.Partition;

    /// <summary>For which it was claimed.</summary>
    public string Group => owned.Group;

    /// <summary>Last entry whose effects are stored for the group. Nobody else moves it while the claim holds.</summary>
    public StreamId Checkpoint { get; private set; }

    /// <summary>Cancelled when somebody else took the partition. What is written after it is refused by the fence.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>An empty batch for keys of this partition.</summary>
    public FencedBatch NewBatch() => owned.NewBatch();

    /// <summary>Writes without moving the checkpoint.</summary>
    /// <exception cref="PartitionClaimException">Nothing was written, or it is not known.</exception>
    public Task WriteAsync(FencedBatch batch, CancellationToken cancellationToken) => CommitAsync(batch, null, cancellationToken);

    /// <summary>Writes what the next entries of the log came to, and moves the checkpoint behind them.</summary>
    /// <param name="batch">Their effects.</param>
    /// <param name="applied">One or more entries, the first of which follows the checkpoint in the log.</param>
    /// <param name="cancellationToken">Stops waiting; the batch may be written all the same.</param>
    /// <exception cref="PartitionClaimException">Nothing was written, or it is not known.</exception>
    public Task ApplyAsync(FencedBatch batch, IReadOnlyList<StreamEntry> applied, CancellationToken cancellationToken) =>
        CommitAsync(batch, new CheckpointMove(Checkpoint, applied[^1].Id, applied[0].Id, []), cancellationToken);

    /// <summary>Writes, and says that what is stored stands for the log up to <paramref name="checkpoint"/>, wherever that lies.</summary>
    /// <exception cref="PartitionClaimException">Nothing was written, or it is not known.</exception>
    public Task SetCheckpointAsync(FencedBatch batch, StreamId checkpoint, CancellationToken cancellationToken) =>
        CommitAsync(batch, new CheckpointMove(Checkpoint, checkpoint, null, []), cancellationToken);

    /// <summary>The same, if <paramref name="first"/> is the entry that follows the checkpoint now: nothing behind that is gone from the log.</summary>
    /// <exception cref="PartitionClaimException">Nothing was written, or it is not known.</exception>
    public Task SetCheckpointAsync(FencedBatch batch, StreamId checkpoint, StreamId first, CancellationToken cancellationToken) =>
        CommitAsync(batch, new CheckpointMove(Checkpoint, checkpoint, first, []), cancellationToken);

    private async Task CommitAsync(FencedBatch batch, CheckpointMove? move, CancellationToken cancellationToken)
    {
        var outcome = await committer.CommitAsync(owned, batch, move, cancellationToken).ConfigureAwait(false);
        if (outcome is CommitOutcome.WrongType wrong)
        {
            // As every owner does it: that key is left alone, everything else is written.
            foreach (var key in wrong.Keys) batch.Skip(key);
            outcome = await committer.CommitAsync(owned, batch, move, cancellationToken).ConfigureAwait(false);
        }
        if (outcome is not CommitOutcome.Applied) throw new PartitionClaimException(Partition, owned.Group, outcome);
        if (move is { } moved) Checkpoint = moved.Next;
    }

    private async Task RenewAsync(TimeSpan ttl, TimeProvider time)
    {
        while (true)
        {
            await time.PauseAsync(ttl / 3, ended.Token).ConfigureAwait(false);
            if (ended.IsCancellationRequested) return;
            try
            {
                if (await lease.RenewAsync(owned.Partition, owned.Grant, ttl).ConfigureAwait(false)) continue;
                Lose();
                return;
            }
            catch (Exception exception) when (RedisWeather.TryRead(exception, out _))
            {
                // The next round may come through; if not, the lease runs out and the fence holds.
            }
        }
    }

    /// <summary>Gives the partition back. If Redis is away, its lease runs out by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        End();
        await renewing.ConfigureAwait(false);
        try
        {
            await lease.ReleaseAsync(owned.Partition, owned.Grant).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out _))
        {
        }
        ended.Dispose();
        lost.Dispose();
    }

    private void End() => ended.Cancel();

    private void Lose() => lost.Cancel();
}

/// <summary>A claimed partition could not be written. What is stored is as before the write, or as after it; a new claim sees which.</summary>
/// <param name="partition">0 to partitions - 1.</param>
/// <param name="group">For which it was claimed.</param>
/// <param name="outcome">What the commit said.</param>
public sealed class PartitionClaimException(int partition, string group, CommitOutcome outcome)
    : Exception($"Partition {partition} could not be written for {group}: {outcome}.")
{
    /// <summary>What the commit said.</summary>
    public CommitOutcome Outcome { get; } = outcome;
}
