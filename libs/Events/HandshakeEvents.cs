namespace WgMonitor.Events;

// Handshakes, good and bad.

/// <summary>An attempt begins or repeats; no proof of a packet on the wire.</summary>
/// <remarks>Source: drivers/net/wireguard/send.c, wg_packet_send_handshake_initiation.</remarks>
public sealed record HandshakeInitiationSent(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeInitiationSent;
}

/// <summary>This side answered as responder.</summary>
/// <remarks>Source: drivers/net/wireguard/send.c, wg_packet_send_handshake_response.</remarks>
public sealed record HandshakeResponseSent(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeResponseSent;
}

/// <summary>Authenticated; this side is the responder.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record HandshakeInitiationReceived(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeInitiationReceived;
}

/// <summary>Authenticated; this side is the initiator and the session follows at once.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record HandshakeResponseReceived(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeResponseReceived;
}

/// <summary>No answer within the seconds; attempt 2 to 20 follows.</summary>
/// <remarks>Source: drivers/net/wireguard/timers.c, wg_expired_retransmit_handshake.</remarks>
public sealed record HandshakeRetrying(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, int Seconds, int Attempt) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeRetrying;
}

/// <summary>The last attempt went unanswered.</summary>
/// <remarks>Source: drivers/net/wireguard/timers.c, wg_expired_retransmit_handshake.</remarks>
public sealed record HandshakeGaveUp(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, int Attempts) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeGaveUp;
}

/// <summary>Data was sent and nothing authenticated came back for that long: a new series of attempts starts.</summary>
/// <remarks>Source: drivers/net/wireguard/timers.c, wg_expired_new_handshake.</remarks>
public sealed record HandshakeRestartedNoAnswer(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, int Seconds) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeRestartedNoAnswer;
}

/// <summary>Unknown key, bad authentication, replay or flood; the endpoint is the packet's source and belongs to no peer.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record HandshakeInitiationInvalid(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeInitiationInvalid;
}

/// <summary>Late or duplicate response, or a preshared-key mismatch; the endpoint is the packet's source.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record HandshakeResponseInvalid(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeResponseInvalid;
}

/// <summary>The sender does not know our public key; any host can cause it.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record HandshakeMacInvalid(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakeMacInvalid;
}

/// <summary>The handshake queue is full.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_receive.</remarks>
public sealed record HandshakePacketDropped(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.HandshakePacketDropped;
}
