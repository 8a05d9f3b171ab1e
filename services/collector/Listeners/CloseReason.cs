namespace WgMonitor.Collector.Listeners;

/// <summary>Why a connection ended. Closed: it is also the <c>reason</c> label of the metrics, in snake case.</summary>
public enum CloseReason
{
    /// <summary>The sender ended it.</summary>
    Peer,

    /// <summary>The sender or the network broke it.</summary>
    Reset,

    /// <summary>A length that cannot be one, so that nothing tells where the next message begins.</summary>
    FrameLength,

    /// <summary>HTTP, a compressed stream or something else that is no syslog.</summary>
    NotSyslog,

    /// <summary>A TLS handshake on a port that speaks plain TCP.</summary>
    TlsOnPlain,

    /// <summary>A PROXY header where none is due, none where one is due, or a wrong one.</summary>
    ProxyHeader,

    /// <summary>A message was begun and not ended within <c>frame_timeout</c>.</summary>
    FrameTimeout,

    /// <summary>The sender did not take its acknowledgements within <c>frame_timeout</c>.</summary>
    WriteTimeout,

    /// <summary>No message within <c>idle_timeout</c>.</summary>
    Idle,

    /// <summary>Refused: <c>collector.allow</c> does not hold the address.</summary>
    SourceNotAllowed,

    /// <summary>Refused: <c>connections_max</c> or <c>connections_per_source_max</c> were open.</summary>
    TooManyConnections,

    /// <summary>What came is not RELP, or not where RELP allows it.</summary>
    RelpProtocol,

    /// <summary>A RELP transaction number out of order.</summary>
    RelpTransaction,

    /// <summary>The TLS handshake failed for another reason than those below: no TLS, no common version or cipher, the sender did not trust us.</summary>
    TlsHandshake,

    /// <summary>The TLS handshake took longer than <c>handshake_timeout</c>.</summary>
    TlsHandshakeTimeout,

    /// <summary>A client certificate is required and none came.</summary>
    TlsCertificateMissing,

    /// <summary>The client certificate, or one above it, is expired or not yet valid.</summary>
    TlsCertificateTime,

    /// <summary>The client certificate does not lead to <c>client_ca</c>.</summary>
    TlsCertificateUntrusted,

    /// <summary>The client certificate stands in <c>client_crl</c>.</summary>
    TlsCertificateRevoked,

    /// <summary>The client certificate is not meant for clients, or a certificate above it not for issuing.</summary>
    TlsCertificateUsage,

    /// <summary>The collector stops.</summary>
    Stopped,

    /// <summary>A mistake in this program; the log has it.</summary>
    Fault,
}
