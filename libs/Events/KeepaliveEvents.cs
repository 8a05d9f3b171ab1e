namespace WgMonitor.Events;

// Empty packets that keep a session alive.

/// <summary>An empty packet was staged; says nothing about the peer.</summary>
/// <remarks>Source: drivers/net/wireguard/send.c, wg_packet_send_keepalive.</remarks>
public sealed record KeepaliveSent(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.KeepaliveSent;
}

/// <summary>Authenticated: the peer is alive and the endpoint current.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_consume_data_done.</remarks>
public sealed record KeepaliveReceived(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.KeepaliveReceived;
}
