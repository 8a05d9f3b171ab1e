namespace WgMonitor.Events;

// Life of a peer number.

/// <summary>A new peer number; no endpoint yet.</summary>
/// <remarks>Source: drivers/net/wireguard/peer.c, wg_peer_create.</remarks>
public sealed record PeerCreated(EventHeader Header, string Interface, ulong Peer) : PeerEvent(Header, Interface, Peer)
{
    public override EventKind Kind => EventKind.PeerCreated;
}

/// <summary>The peer was removed by configuration or with its device; never "it went offline".</summary>
/// <remarks>Source: drivers/net/wireguard/peer.c, kref_release.</remarks>
public sealed record PeerDestroyed(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.PeerDestroyed;
}
