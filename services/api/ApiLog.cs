using WgMonitor.ReadModel;

namespace WgMonitor.Api;

internal static partial class ApiLog
{
    [LoggerMessage(4000, LogLevel.Warning, "Peer series could not be refreshed and show an older state.")]
    public static partial void PeerSeriesStale(this ILogger logger, Exception exception);

    [LoggerMessage(4001, LogLevel.Warning, "Key {Key} cannot be read ({Fault}); what it should hold is left out of every answer.")]
    public static partial void KeyUnreadable(this ILogger logger, string key, KeyFault fault);
}
