namespace WgMonitor.Cli;

/// <summary>Log messages of the program itself, ids 6000 to 6099.</summary>
internal static partial class CliLog
{
    [LoggerMessage(6000, LogLevel.Information, "{Program} {Version} runs as process {ProcessId} with its data in {Directory}.")]
    public static partial void RedisStarted(this ILogger logger, string program, Version version, int processId, string directory);

    [LoggerMessage(6001, LogLevel.Information, "redis-server is loading its data; this takes about a second for every 100 MB.")]
    public static partial void RedisLoading(this ILogger logger);

    [LoggerMessage(6002, LogLevel.Error, "redis-server ended by itself (exit code {ExitCode}); it is started again in {Delay}. It said: {LastWords}")]
    public static partial void RedisDied(this ILogger logger, int exitCode, TimeSpan delay, string lastWords);

    [LoggerMessage(6003, LogLevel.Error, "redis-server could not be started again; the next try is in {Delay}.")]
    public static partial void RedisStartFailed(this ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(6004, LogLevel.Information, "redis-server (process {ProcessId}) wrote its data and ended.")]
    public static partial void RedisStopped(this ILogger logger, int processId);

    [LoggerMessage(6005, LogLevel.Error, "redis-server (process {ProcessId}) did not end within {Limit} and was killed.")]
    public static partial void RedisKilled(this ILogger logger, int processId, TimeSpan limit);

    [LoggerMessage(6006, LogLevel.Warning, "The redis-server of an earlier run (process {ProcessId}) still uses {Directory}; waiting until it has written its data and ended.")]
    public static partial void OrphanFound(this ILogger logger, int processId, string directory);

    [LoggerMessage(6007, LogLevel.Warning, "Neither setsid nor setpriv can be used: after a kill -9 of this process redis-server lives on until the next start.")]
    public static partial void RedisNotTied(this ILogger logger);

    [LoggerMessage(6010, LogLevel.Warning, "redis-server: {Message}")]
    public static partial void RedisWarned(this ILogger logger, string message);

    [LoggerMessage(6011, LogLevel.Debug, "redis-server: {Message}")]
    public static partial void RedisSaid(this ILogger logger, string message);
}
