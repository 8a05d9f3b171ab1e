using System.Net;

namespace WgMonitor.Collector;

/// <summary>Log messages of the collector, ids 1000 to 1099.</summary>
internal static partial class CollectorLog
{
    [LoggerMessage(1000, LogLevel.Information, "Listening for syslog on {Protocol} {Address}, receive buffer {ReceiveBufferBytes} bytes.")]
    public static partial void Listening(ILogger logger, string protocol, IPEndPoint address, int receiveBufferBytes);

    [LoggerMessage(1001, LogLevel.Warning,
        "Listening on {Protocol} {Address}, which is not loopback, and collector.allow is empty: anybody who reaches this port can invent peers and changes. List the senders there, and use a firewall.")]
    public static partial void ListeningInPublic(ILogger logger, string protocol, IPEndPoint address);

    [LoggerMessage(1002, LogLevel.Warning,
        "The kernel gave a receive buffer of {ReceiveBufferBytes} bytes where {WantedBytes} were asked for: raise net.core.rmem_max, or bursts are lost.")]
    public static partial void ReceiveBufferSmall(ILogger logger, int receiveBufferBytes, int wantedBytes);

    [LoggerMessage(1003, LogLevel.Warning, "Receiving on {Address} failed and goes on.")]
    public static partial void ReceiveFailed(ILogger logger, IPEndPoint address, Exception exception);

    [LoggerMessage(1004, LogLevel.Information, "Listening for syslog on {Protocol} {Address}.")]
    public static partial void ListeningForConnections(ILogger logger, string protocol, IPEndPoint address);

    [LoggerMessage(1005, LogLevel.Warning,
        "This process may open {FilesMax} files, so {Given} connections are taken and not {Wanted} (connections_max). Raise the limit (ulimit -n, LimitNOFILE=).")]
    public static partial void ConnectionsLimited(ILogger logger, long filesMax, int given, int wanted);

    [LoggerMessage(1010, LogLevel.Warning, "Rejected a line ({Reason}) from {Source}, {Total} until now: {Sample}")]
    public static partial void LineRejected(ILogger logger, string reason, string source, long total, string sample);

    [LoggerMessage(1011, LogLevel.Error, "Dropped a line ({Reason}) from {Source}, {Total} until now.")]
    public static partial void LineDropped(ILogger logger, string reason, string source, long total);

    [LoggerMessage(1020, LogLevel.Warning, "Partition {Partition}: batch {BatchNumber} of {Events} events not appended yet ({Reason}), trying again.")]
    public static partial void AppendRetried(ILogger logger, int partition, long batchNumber, int events, string reason);

    [LoggerMessage(1021, LogLevel.Information, "Partition {Partition}: batch {BatchNumber} appended after {Tries} tries.")]
    public static partial void AppendRecovered(ILogger logger, int partition, long batchNumber, int tries);

    [LoggerMessage(1022, LogLevel.Error, "Partition {Partition}: batch {BatchNumber} given up, {Events} events are lost ({Reason}).")]
    public static partial void BatchLost(ILogger logger, int partition, long batchNumber, int events, string reason);

    [LoggerMessage(1030, LogLevel.Information, "Collector stops: {Events} events are still to be appended.")]
    public static partial void Draining(ILogger logger, int events);

    [LoggerMessage(1040, LogLevel.Warning, "Closed a {Protocol} connection from {Peer} ({Reason}), {Total} until now. {Detail}")]
    public static partial void ConnectionClosed(ILogger logger, string protocol, string peer, string reason, long total, string detail);

    [LoggerMessage(1041, LogLevel.Warning,
        "Closed a connection from {Peer} (tls_on_plain), {Total} until now: it began a TLS handshake, but {Address} speaks plain TCP. Send to a listener of protocol \"tls\", or without TLS.")]
    public static partial void TlsOnPlain(ILogger logger, string peer, IPEndPoint address, long total);

    [LoggerMessage(1042, LogLevel.Information, "Read the certificates anew: {Certificate}, valid until {NotAfter}. New connections use them.")]
    public static partial void TlsFilesRead(ILogger logger, string certificate, DateTime notAfter);

    [LoggerMessage(1043, LogLevel.Error, "The certificates changed and cannot be used ({Problem}): {Certificate}. The ones read before stay in use.")]
    public static partial void TlsFilesUnusable(ILogger logger, string certificate, string problem);

    [LoggerMessage(1044, LogLevel.Error, "A {Protocol} connection from {Peer} ended by a mistake in this program. Please report it.")]
    public static partial void ConnectionFailed(ILogger logger, string protocol, string peer, Exception exception);

    [LoggerMessage(1050, LogLevel.Warning, "No line of {Host} came for much longer than usual ({Usual}).")]
    public static partial void HostSilent(ILogger logger, string host, TimeSpan usual);

    [LoggerMessage(1051, LogLevel.Information, "Lines of {Host} may be missing ({Reason}) from {From:o} to {To:o}.")]
    public static partial void LinesMissing(ILogger logger, string host, string reason, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(1052, LogLevel.Error, "Too many events about missing lines wait for Redis: one {Event} is given up.")]
    public static partial void CoverageDropped(ILogger logger, string @event);
}
