using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>Log lines of the notifier, ids 3000 to 3099. Routes are named, never shown: their URLs may hold tokens.</summary>
internal static partial class NotifierLog
{
    [LoggerMessage(3000, LogLevel.Warning, "{Summary} Alert {AlertId} of rule {Rule}: peer {Peer}, {OldEndpoint} to {NewEndpoint} ({Change}) at {At}, {Certainty}, trust {Trust}, complete: {Complete}, cause {Cause}.")]
    public static partial void Alert(
        ILogger logger, string alertId, string rule, string summary, string peer, string oldEndpoint, string newEndpoint, string change, string at, string certainty, string trust, bool complete, string cause);

    [LoggerMessage(3003, LogLevel.Warning, "{Summary} Alert {AlertId} of rule {Rule}: host {Host} at {At}, trust {Trust}, cause {Cause}.")]
    public static partial void HostAlert(ILogger logger, string alertId, string rule, string summary, string host, string at, string trust, string cause);

    [LoggerMessage(3004, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(ILogger logger, StreamId id, string reason);

    [LoggerMessage(3001, LogLevel.Debug, "Alert {AlertId} of rule {Rule} raised for {Peer}.")]
    public static partial void AlertRaised(ILogger logger, string alertId, string rule, string peer);

    [LoggerMessage(3002, LogLevel.Information, "Alert {AlertId} of rule {Rule} for {Peer} not raised: trust {Trust} is below min_trust.")]
    public static partial void AlertSuppressed(ILogger logger, string alertId, string rule, string peer, string trust);

    [LoggerMessage(3010, LogLevel.Debug, "Alert {AlertId} delivered on route {Route}.")]
    public static partial void Delivered(ILogger logger, string alertId, string route);

    [LoggerMessage(3011, LogLevel.Information, "Alert {AlertId} not delivered on route {Route}: {Reason}; trying again.")]
    public static partial void NotDelivered(ILogger logger, string alertId, string route, string reason);

    [LoggerMessage(EventId = 3012, Message = "Alert {AlertId} refused on route {Route}: {Reason}; not tried again.")]
    public static partial void Rejected(ILogger logger, LogLevel level, string alertId, string route, string reason);

    [LoggerMessage(EventId = 3013, Message = "Alert {AlertId} given up on route {Route}: {Reason}.")]
    public static partial void GivenUp(ILogger logger, LogLevel level, string alertId, string route, string reason);

    [LoggerMessage(3014, LogLevel.Error, "The receiver of route {Route} is gone (410): nothing is sent there until this process starts again. Correct or remove the route.")]
    public static partial void RouteGone(ILogger logger, string route);

    [LoggerMessage(3015, LogLevel.Warning, "Route {Route} rests for {Rest} after failed attempts.")]
    public static partial void CircuitOpened(ILogger logger, string route, TimeSpan rest);

    [LoggerMessage(3016, LogLevel.Information, "Route {Route} works again.")]
    public static partial void CircuitClosed(ILogger logger, string route);

    [LoggerMessage(3021, LogLevel.Warning, "Redis does not let route {Route} go on; trying again.")]
    public static partial void RedisWeather(ILogger logger, Exception exception, string route);

    [LoggerMessage(3022, LogLevel.Error, "Outbox entry {Position} is no alert this build knows; it is passed over.")]
    public static partial void OutboxEntryUnreadable(ILogger logger, StreamId position);

    [LoggerMessage(3023, LogLevel.Error, "Delivering on route {Route} failed; trying again.")]
    public static partial void WorkerFailed(ILogger logger, Exception exception, string route);
}
