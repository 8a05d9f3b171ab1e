namespace WgMonitor.Streams;

/// <summary>A partition this process owns in a group, from the take-over to the moment it is given back or lost.</summary>
public sealed class OwnedPartition
{
    private readonly BatchCommitter committer;

    internal OwnedPartition(int partition, string group, StreamKeys keys, LeaseGrant grant, BatchCommitter committer, CancellationToken lost)
    {
        Partition = partition;
        Group = group;
        Keys = keys;
        Grant = grant;
        Lost = lost;
        this.committer = committer;
    }

    /// <summary>0 to partitions - 1.</summary>
    public int Partition { get; }

    /// <summary>The consumer group, e.g. <c>projector</c>.</summary>
    public string Group { get; }

    /// <summary>Names of the keys of the log.</summary>
    public StreamKeys Keys { get; }

    /// <summary>The lease epoch of this ownership; a later owner has a higher one.</summary>
    public long Epoch => Grant.Epoch;

    /// <summary>Cancelled when ownership ends: given back, lost, or the process stops. What is written after it is refused by the fence.</summary>
    public CancellationToken Lost { get; }

    internal LeaseGrant Grant { get; }

    /// <summary>An empty batch for keys of this partition.</summary>
    public FencedBatch NewBatch() => new(Partition);

    /// <summary>
    /// Writes beside the log, e.g. a delivery ledger: fenced by the lease, without moving the checkpoint. After <see cref="CommitOutcome.Retry"/> the writes
    /// may have happened, so they should be such that twice is as once. The batch may be cleared and reused afterwards.
    /// </summary>
    public Task<CommitOutcome> CommitAsync(FencedBatch batch, CancellationToken cancellationToken) => committer.CommitAsync(this, batch, null, cancellationToken);
}
