using WgMonitor.Streams;

namespace WgMonitor.Projector;

internal static partial class ProjectorLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(this ILogger logger, StreamId id, string reason);

    [LoggerMessage(2001, LogLevel.Warning, "History points of partition {Partition} could not be written; the next round goes on from what is stored.")]
    public static partial void HistoryPointsLate(this ILogger logger, Exception exception, int partition);
}
