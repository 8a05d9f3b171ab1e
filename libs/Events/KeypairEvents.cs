namespace WgMonitor.Events;

// Session keys.

/// <summary>A session was derived. On the responder it is not yet confirmed.</summary>
/// <remarks>Source: drivers/net/wireguard/noise.c, wg_noise_handshake_begin_session.</remarks>
public sealed record KeypairCreated(EventHeader Header, string Interface, ulong Peer, ulong Keypair) : KeypairEvent(Header, Interface, Peer, Keypair)
{
    public override EventKind Kind => EventKind.KeypairCreated;
}

/// <summary>An old key was dropped; alone it is no disconnect.</summary>
/// <remarks>Source: drivers/net/wireguard/noise.c, keypair_free_kref.</remarks>
public sealed record KeypairDestroyed(EventHeader Header, string Interface, ulong Peer, ulong Keypair) : KeypairEvent(Header, Interface, Peer, Keypair)
{
    public override EventKind Kind => EventKind.KeypairDestroyed;
}

/// <summary>No new session for that long: all sessions of the peer are destroyed.</summary>
/// <remarks>Source: drivers/net/wireguard/timers.c, wg_queued_expired_zero_key_material.</remarks>
public sealed record KeysZeroed(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, int Seconds) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.KeysZeroed;
}
