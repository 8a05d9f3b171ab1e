using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// What an exception of the Redis client means to a caller that wants to go on.
/// </summary>
/// <param name="Reason">A word of a closed set, also the metric label: timeout, connection, readonly, loading, oom, busy …</param>
/// <param name="IsCertain">The server refused before it wrote anything. False after a time-out or a lost connection: the call may have happened, or still happen.</param>
/// <param name="IsTransient">Goes away by waiting. False where somebody has to change something (rights, a wrong type).</param>
internal readonly record struct RedisWeather(string Reason, bool IsCertain, bool IsTransient)
{
    /// <summary>Tells weather from bugs: false for every exception that is none of Redis or of the connection to it.</summary>
    public static bool TryRead(Exception exception, out RedisWeather weather)
    {
        weather = exception switch
        {
            RedisTimeoutException or TimeoutException => new("timeout", false, true),
            RedisConnectionException => new("connection", false, true),
            RedisServerException server => OfServer(server),
            // A node that the client no longer counts among the servers, after a failover; what waited for it fails with this. (With another name the client
            // itself is disposed of, and that is a bug.)
            ObjectDisposedException { ObjectName: "Connection is being disposed" } => new("connection", false, true),
            ObjectDisposedException => default,
            RedisCommandException => new("connection", false, true), // no connection is available for this command
            RedisException => new("other", false, true),
            _ => default,
        };
        return weather.Reason is not null;
    }

    private static RedisWeather OfServer(RedisServerException exception) => exception.Kind switch
    {
        RedisErrorKind.ReadOnly => new("readonly", true, true),
        RedisErrorKind.Loading => new("loading", true, true),
        RedisErrorKind.OutOfMemory => new("oom", true, true),
        RedisErrorKind.Busy => new("busy", true, true),
        RedisErrorKind.Misconfigured => new("misconf", true, true),
        RedisErrorKind.NoReplicas => new("noreplicas", true, true),
        RedisErrorKind.MasterDown => new("masterdown", true, true),
        RedisErrorKind.ClusterDown or RedisErrorKind.TryAgain or RedisErrorKind.Moved or RedisErrorKind.Ask => new("cluster", true, true),
        RedisErrorKind.MaxClients => new("maxclients", true, true),
        RedisErrorKind.Timeout => new("timeout", false, true),
        RedisErrorKind.ConnectionFault => new("connection", false, true),
        RedisErrorKind.WrongType => new("wrongtype", true, false),
        RedisErrorKind.NoAuth or RedisErrorKind.WrongPass or RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted =>
            new("noperm", false, false), // inside a script a right can be missing half-way
        _ => OfText(exception.Message),
    };

    // Errors raised inside a script carry the script's name and line around the code, and NOGROUP has no kind of its own.
    private static RedisWeather OfText(string message) => message switch
    {
        _ when message.Contains("NOGROUP", StringComparison.Ordinal) => new("nogroup", true, true),
        _ when message.Contains("OOM ", StringComparison.Ordinal) => new("oom", true, true),
        _ when message.Contains("READONLY ", StringComparison.Ordinal) => new("readonly", true, true),
        _ when message.Contains("MISCONF ", StringComparison.Ordinal) => new("misconf", true, true),
        _ when message.Contains("NOREPLICAS ", StringComparison.Ordinal) => new("noreplicas", true, true),
        _ when message.Contains("WRONGTYPE ", StringComparison.Ordinal) => new("wrongtype", true, false),
        _ when message.Contains("NOPERM ", StringComparison.Ordinal) => new("noperm", false, false),
        _ => new("other", false, true),
    };
}
