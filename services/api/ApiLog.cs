namespace WgMonitor.Api;

internal static partial class ApiLog
{
    [LoggerMessage(4000, LogLevel.Warning, "Peer series could not be refreshed and show an older state.")]
    public static partial void PeerSeriesStale(this ILogger logger, Exception exception);
}
