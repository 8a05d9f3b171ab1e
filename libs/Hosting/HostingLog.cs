using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "{Services} started: metrics and health on {MetricsAddress}, HTTP on {HttpAddress}.")]
    public static partial void Started(this ILogger logger, string services, IPEndPoint metricsAddress, IPEndPoint? httpAddress);

    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "Configuration: {Notice}")]
    public static partial void ConfigurationNotice(this ILogger logger, ConfigurationProblem notice);

    [LoggerMessage(EventId = 102, Level = LogLevel.Critical, Message = "A background service failed; the process ends.")]
    public static partial void BackgroundServiceFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 103, Level = LogLevel.Error, Message = "Shutdown did not finish in time; what was not drained is read again at the next start.")]
    public static partial void ShutdownIncomplete(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 110, Level = LogLevel.Warning, Message = "Connection to Redis at {Endpoint} lost ({Reason}); trying again.")]
    public static partial void RedisConnectionFailed(this ILogger logger, EndPoint? endpoint, ConnectionFailureType reason);

    [LoggerMessage(EventId = 113, Level = LogLevel.Warning, Message = "{Sentence}.")]
    public static partial void RedisUnsafe(this ILogger logger, string sentence);

    [LoggerMessage(EventId = 112, Level = LogLevel.Warning, Message = "No primary of service {Service} found by the sentinels {Sentinels}; trying again. {Reason}")]
    public static partial void SentinelFailed(this ILogger logger, string service, string sentinels, string reason);

    [LoggerMessage(EventId = 111, Level = LogLevel.Information, Message = "Connection to Redis at {Endpoint} is up.")]
    public static partial void RedisConnectionRestored(this ILogger logger, EndPoint? endpoint);
}
