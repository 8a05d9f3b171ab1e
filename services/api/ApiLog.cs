using Prometheus;
using WgMonitor.ReadModel;

namespace WgMonitor.Api;

internal static partial class ApiLog
{
    public static void PeerSeriesStale(this ILogger logger, Counter stale, Exception exception)
    {
        stale.Inc();
        logger.PeerSeriesStale(exception);
    }

    [LoggerMessage(4000, LogLevel.Warning, "Peer series could not be read and show an older state.")]
    private static partial void PeerSeriesStale(this ILogger logger, Exception exception);

    [LoggerMessage(4001, LogLevel.Warning, "Key {Key} cannot be read ({Fault}); what it should hold is left out of every answer.")]
    public static partial void KeyUnreadable(this ILogger logger, string key, KeyFault fault);

    [LoggerMessage(4002, LogLevel.Warning, "{Damage}")]
    public static partial void ArchiveDamaged(this ILogger logger, string damage);
}
