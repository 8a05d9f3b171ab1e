using WgMonitor.Streams;

namespace WgMonitor.Projector;

internal static partial class ProjectorLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(this ILogger logger, StreamId id, string reason);

    [LoggerMessage(2001, LogLevel.Error, "Key {Key} holds another type than ours; it is left alone and its peer is not updated. Delete or rename it.")]
    public static partial void WrongType(this ILogger logger, string key);

    [LoggerMessage(2002, LogLevel.Error, "Key {Key} holds a state that is none of ours; it counts as absent until its next event overwrites it.")]
    public static partial void BrokenState(this ILogger logger, string key);

    [LoggerMessage(2003, LogLevel.Warning, "Host {Host} is one more than partition {Partition} may have (state.hosts_max); its events, and those of further new hosts, are not applied.")]
    public static partial void HostRefused(this ILogger logger, string host, int partition);
}
