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

/// <summary>The words of <see cref="TrustLevel"/> in events, state, alerts and the API: <c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>tls-client-cert</c>.</summary>
public static class TrustWords
{
    /// <summary>The word.</summary>
    public static string Of(TrustLevel trust) => trust switch
    {
        TrustLevel.Tcp => "tcp",
        TrustLevel.Tls => "tls",
        TrustLevel.TlsClientCert => "tls-client-cert",
        _ => "udp",
    };

    /// <summary>
    /// The word as it stands in an event, without allocation: empty for the lowest level, which most events have, and short for the highest: the full word
    /// would cost each event 11 bytes more.
    /// </summary>
    internal static ReadOnlySpan<byte> InEvent(TrustLevel trust) => trust switch
    {
        TrustLevel.Tcp => "tcp"u8,
        TrustLevel.Tls => "tls"u8,
        TrustLevel.TlsClientCert => "cert"u8,
        _ => default,
    };

    /// <summary>The level of a word of either form; the lowest for any other text, since a level that this build does not know proves nothing to it.</summary>
    public static TrustLevel Parse(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("tcp"u8)) return TrustLevel.Tcp;
        if (word.SequenceEqual("tls"u8)) return TrustLevel.Tls;
        return word.SequenceEqual("cert"u8) || word.SequenceEqual("tls-client-cert"u8) ? TrustLevel.TlsClientCert : TrustLevel.Udp;
    }

    /// <summary>The lower of two levels: a conclusion is proven no better than its weakest line.</summary>
    public static TrustLevel Lower(TrustLevel one, TrustLevel other) => one < other ? one : other;
}
