namespace WgMonitor.Events;

/// <summary>How far the sender of a line is known, in growing order: what the transport proves, not what the line says.</summary>
public enum TrustLevel
{
    /// <summary>Anybody can send a datagram under any address.</summary>
    Udp,

    /// <summary>The address answered a handshake; who is behind it is not proven.</summary>
    Tcp,

    /// <summary>Nobody read or changed it on the way; who sent it is not proven.</summary>
    Tls,

    /// <summary>The sender holds a certificate that we trust.</summary>
    TlsClientCert,
}
