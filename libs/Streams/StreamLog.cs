using Microsoft.Extensions.Logging;

namespace WgMonitor.Streams;

/// <summary>Log lines of the library, ids 5000 to 5099.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(5000, LogLevel.Debug, "Partition {Partition} of {Group} taken over with epoch {Epoch}.")]
    public static partial void PartitionTaken(ILogger logger, int partition, string group, long epoch);

    [LoggerMessage(5001, LogLevel.Debug, "Partition {Partition} of {Group} given back.")]
    public static partial void PartitionGivenBack(ILogger logger, int partition, string group);

    [LoggerMessage(5002, LogLevel.Warning, "Partition {Partition} of {Group} lost: {Reason}.")]
    public static partial void PartitionLost(ILogger logger, int partition, string group, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "Partition {Partition} of {Group} did not stop within {Limit}; its writes are fenced off from now on.")]
    public static partial void HandOverTooSlow(ILogger logger, int partition, string group, TimeSpan limit);

    [LoggerMessage(5004, LogLevel.Information, "Group {Group} works on {Count} of {Partitions} partitions: {Owned}.")]
    public static partial void PartitionsOwned(ILogger logger, string group, int count, int partitions, string owned);

    [LoggerMessage(5010, LogLevel.Warning, "Redis: {Reason} ({Step} of {Group}, partition {Partition}); trying again. {Suppressed} more of the kind since the last such line.")]
    public static partial void RedisWeather(ILogger logger, Exception? exception, string reason, string step, string group, int partition, long suppressed);

    [LoggerMessage(5011, LogLevel.Error, "Handling partition {Partition} of {Group} failed; starting over from stored state. {Suppressed} more of the kind since the last such line.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, int partition, string group, long suppressed);

    [LoggerMessage(5012, LogLevel.Warning, "The checkpoint of partition {Partition} of {Group} is {Stored}, expected {Expected}; starting over from stored state.")]
    public static partial void CheckpointMoved(ILogger logger, int partition, string group, StreamId stored, StreamId expected);

    [LoggerMessage(5013, LogLevel.Error, "Redis lost history in partition {Partition} of {Group}: the log stands at {LastGenerated}, the checkpoint at {Checkpoint}, and {Remembered} had been seen. Going on from what Redis holds.")]
    public static partial void HistoryRewound(ILogger logger, int partition, string group, StreamId lastGenerated, StreamId checkpoint, StreamId remembered);

    [LoggerMessage(5014, LogLevel.Debug, "Group {Group} of partition {Partition} created at {Checkpoint}.")]
    public static partial void GroupCreated(ILogger logger, int partition, string group, StreamId checkpoint);

    [LoggerMessage(5016, LogLevel.Error, "{Count} entries of partition {Partition} were trimmed before {Group} had applied them.")]
    public static partial void LostByRetention(ILogger logger, int partition, string group, int count);

    [LoggerMessage(5017, LogLevel.Error, "Key {Key} holds another type than {Group} writes; it is left alone and its writes are parked. {Suppressed} more of the kind since the last such line.")]
    public static partial void WrongType(ILogger logger, string key, string group, long suppressed);

    [LoggerMessage(5018, LogLevel.Error, "Disposing the handler of partition {Partition} of {Group} failed.")]
    public static partial void HandlerDisposalFailed(ILogger logger, Exception exception, int partition, string group);

    [LoggerMessage(5040, LogLevel.Error, "{Count} entries of partition {Partition} were removed before {Group} had applied them, because there were more than stream.ceiling_entries_max ({Ceiling}). What it knows of the hosts in them is incomplete.")]
    public static partial void LostAtCeiling(ILogger logger, long count, int partition, long ceiling, string group);

    [LoggerMessage(5041, LogLevel.Warning, "Partition {Partition} is not trimmed by age ({Suspension}): its newest ID is {LastId}, the clock of Redis stands at {Now}. Entries stay until both agree again.")]
    public static partial void AgeSuspended(ILogger logger, int partition, AgeSuspension suspension, StreamId lastId, StreamId now);

    [LoggerMessage(5042, LogLevel.Information, "Partition {Partition} is trimmed by age again.")]
    public static partial void AgeTrimmedAgain(ILogger logger, int partition);

    [LoggerMessage(5020, LogLevel.Information, "{Entries} old entries of partition {Partition} trimmed.")]
    public static partial void Trimmed(ILogger logger, int partition, long entries);
}
