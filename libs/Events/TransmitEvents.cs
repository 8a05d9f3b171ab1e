namespace WgMonitor.Events;

// Packets the host could not send.

/// <summary>The host tried to send something that is no IP packet.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_xmit.</remarks>
public sealed record XmitInvalidIp(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.XmitInvalidIp;
}

/// <summary>No peer's allowed IPs hold the destination.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_xmit.</remarks>
public sealed record XmitNoPeer(EventHeader Header, string Interface, InternetAddress Destination) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.XmitNoPeer;
}

/// <summary>The host sends to a peer whose endpoint is not known.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_xmit.</remarks>
public sealed record XmitNoEndpoint(EventHeader Header, string Interface, ulong Peer) : PeerEvent(Header, Interface, Peer)
{
    public override EventKind Kind => EventKind.XmitNoEndpoint;
}

/// <summary>No route to the destination tried; the error is a negative errno.</summary>
/// <remarks>Source: drivers/net/wireguard/socket.c, send4 and send6.</remarks>
public sealed record NoRoute(EventHeader Header, string Interface, PeerEndpoint Endpoint, int Error) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.NoRoute;
}

/// <summary>The route to the destination leads through the device itself. Kernel 5.6.</summary>
/// <remarks>Source: drivers/net/wireguard/socket.c, send4 and send6.</remarks>
public sealed record RoutingLoopAvoided(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.RoutingLoopAvoided;
}

/// <summary>The same, as out-of-tree modules of 2017 print it.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, xmit.</remarks>
public sealed record RoutingLoopDetected(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.RoutingLoopDetected;
}
