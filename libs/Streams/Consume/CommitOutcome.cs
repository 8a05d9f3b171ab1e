namespace WgMonitor.Streams;

/// <summary>What became of a <see cref="FencedBatch"/>; one of the records below.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome() { }

    /// <summary>Everything is written.</summary>
    public sealed record Applied : CommitOutcome;

    /// <summary>Another owner has the partition; nothing was written.</summary>
    public sealed record LeaseLost : CommitOutcome;

    /// <summary>The stored checkpoint is not the expected one; nothing was written.</summary>
    /// <param name="Stored">The checkpoint that Redis holds.</param>
    public sealed record CheckpointMoved(StreamId Stored) : CommitOutcome;

    /// <summary>Entries lie between the checkpoint and the batch, which somebody else read from the group; nothing was written.</summary>
    public sealed record EntriesSkipped : CommitOutcome;

    /// <summary>Keys hold another type than the batch writes; nothing was written.</summary>
    /// <param name="Keys">All such keys.</param>
    public sealed record WrongType(IReadOnlyList<string> Keys) : CommitOutcome;

    /// <summary>Redis refused or did not answer.</summary>
    /// <param name="Reason">Word of a closed set (timeout, connection, readonly, oom …), also the metric label.</param>
    /// <param name="IsCertain">True if nothing was written. False if the batch may have been written, or may still be.</param>
    public sealed record Retry(string Reason, bool IsCertain) : CommitOutcome;
}
