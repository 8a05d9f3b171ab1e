namespace WgMonitor.Streams;

/// <summary>What this process remembers of a partition beyond one ownership of it.</summary>
internal sealed class PartitionMemory
{
    /// <summary>Highest lease epoch seen; keeps epochs growing when Redis forgot the lease.</summary>
    public long EpochSeen { get; set; }

    /// <summary>Last position of the log seen; a lower one later means that Redis lost history, even if nobody had applied it.</summary>
    public StreamId LastSeen { get; set; }

    /// <summary>Highest checkpoint seen; a lower one means that Redis lost history.</summary>
    public StreamId CheckpointSeen { get; set; }

    /// <summary>Entries on which the handler failed.</summary>
    public HandlerFailures Failures { get; } = new();
}
