using WgMonitor.Streams;

namespace WgMonitor.Projector;

internal static partial class ProjectorLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(this ILogger logger, StreamId id, string reason);
}
