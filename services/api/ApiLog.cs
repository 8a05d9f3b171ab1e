using Prometheus;

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
}
