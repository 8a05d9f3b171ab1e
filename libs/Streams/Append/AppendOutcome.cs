namespace WgMonitor.Streams;

/// <summary>What became of a batch; one of the records below.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome() { }

    /// <summary>All events of the batch stand in the log.</summary>
    /// <param name="LastId">Position of the batch's last event.</param>
    public sealed record Appended(StreamId LastId) : AppendOutcome;

    /// <summary>A batch of this or a higher number stood in the log before: an earlier try had arrived, nothing was added.</summary>
    /// <param name="Mark">The highest number of the producer in the partition. Higher than any it has sent: somebody else uses its id.</param>
    public sealed record AlreadyAppended(long Mark) : AppendOutcome;

    /// <summary>
    /// Nothing was added, because the log does not hold the batch that was believed to stand in it: Redis came back with less than it had, after a crash
    /// or as a replica that lagged behind. Send again what follows <paramref name="Mark"/>.
    /// </summary>
    /// <param name="Mark">The highest number that is left; 0 for none.</param>
    public sealed record Rewound(long Mark) : AppendOutcome;

    /// <summary>Not known to be appended. Send the same batch with the same number again, after a pause.</summary>
    /// <param name="Reason">Word of a closed set (timeout, connection, readonly, oom …), also the metric label.</param>
    public sealed record Retry(string Reason) : AppendOutcome;

    /// <summary>Not appended, and trying again will not help until somebody changes something.</summary>
    /// <param name="Reason">wrongtype (another program's key stands where ours belongs), noperm (the Redis user lacks a right) or malformed (a bug).</param>
    public sealed record Refused(string Reason) : AppendOutcome;
}
