namespace WgMonitor.Events;

/// <summary>
/// The flat form of any event, without allocation: what the collector writes. Which members count is decided by <see cref="Kind"/>.
/// Byte members are raw; <see cref="EventEncoder"/> escapes them.
/// </summary>
public ref struct EventFields
{
    /// <summary>No kernel stamp.</summary>
    public const long NoUptime = -1;

    public EventFields()
    {
    }

    public EventKind Kind { get; set; }
    public ReadOnlySpan<byte> Host { get; set; }

    /// <inheritdoc cref="EventHeader.At"/>
    public long At { get; set; }

    /// <inheritdoc cref="EventHeader.Received"/>
    public long Received { get; set; }

    /// <summary>Microseconds since boot, or <see cref="NoUptime"/>.</summary>
    public long Uptime { get; set; } = NoUptime;
    public int Repeat { get; set; } = 1;

    /// <summary>The line is AmneziaWG's, a fork with the same messages.</summary>
    public bool IsAmnezia { get; set; }

    /// <inheritdoc cref="EventHeader.Trust"/>
    public TrustLevel Trust { get; set; }

    /// <inheritdoc cref="EventHeader.ClaimedHost"/>
    public ReadOnlySpan<byte> ClaimedHost { get; set; }

    public ReadOnlySpan<byte> Interface { get; set; }
    public ulong Peer { get; set; }
    public PeerEndpoint Endpoint { get; set; }
    public ulong Keypair { get; set; }
    public int Seconds { get; set; }

    /// <summary>Attempt, or number of attempts made.</summary>
    public int Attempt { get; set; }
    public int Error { get; set; }
    public ulong Nonce { get; set; }
    public ulong NonceMax { get; set; }
    public long Count { get; set; }

    /// <summary>Inner source or destination.</summary>
    public InternetAddress Address { get; set; }

    /// <summary>Begin of an interval, Unix microseconds.</summary>
    public long From { get; set; }

    /// <summary>Its end.</summary>
    public long To { get; set; }

    /// <summary>Usual time between two lines, microseconds.</summary>
    public long Usual { get; set; }

    /// <summary>Latest handshake known before the log, Unix microseconds; 0 for none.</summary>
    public long LastHandshake { get; set; }

    /// <summary>Latest keepalive known before the log; 0 for none.</summary>
    public long LastKeepalive { get; set; }

    /// <summary>Version, old device name, reason or free text.</summary>
    public ReadOnlySpan<byte> Text { get; set; }
}
