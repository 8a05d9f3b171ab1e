namespace WgMonitor.Events;

// Data packets the receiver complains about.

/// <summary>An inner source address outside the peer's allowed IPs; authenticated, so it proves life and endpoint.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_consume_data_done.</remarks>
public sealed record PacketSrcUnallowed(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, InternetAddress Source) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.PacketSrcUnallowed;
}

/// <summary>The inner packet is no IP packet; authenticated.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_consume_data_done.</remarks>
public sealed record PacketNotIp(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.PacketNotIp;
}

/// <summary>The inner packet lies about its size; authenticated.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_consume_data_done.</remarks>
public sealed record PacketSizeIncorrect(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.PacketSizeIncorrect;
}

/// <summary>The packet could not be handed to the host; authenticated. Kernels before 5.8.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_consume_data_done.</remarks>
public sealed record PacketNotDelivered(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEndpointEvent(Header, Interface, Peer, Endpoint)
{
    public override EventKind Kind => EventKind.PacketNotDelivered;
}

/// <summary>A replayed or too old packet; the kernel names no peer.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_rx_poll.</remarks>
public sealed record PacketNonceInvalid(EventHeader Header, string Interface, ulong Nonce, ulong NonceMax) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.PacketNonceInvalid;
}

/// <summary>A packet with broken headers, as out-of-tree modules of 2017 print it.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, skb_prepare_header.</remarks>
public sealed record PacketMalformed(EventHeader Header, string Interface, PeerEndpoint Endpoint, string Text) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.PacketMalformed;
}
