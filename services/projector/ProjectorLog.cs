using WgMonitor.Streams;

namespace WgMonitor.Projector;

internal static partial class ProjectorLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(this ILogger logger, StreamId id, string reason);

    [LoggerMessage(2001, LogLevel.Error, "Key {Key} holds another type than ours; it is left alone and its peer is not updated. Delete or rename it.")]
    public static partial void WrongType(this ILogger logger, string key);
}
