namespace WgMonitor.Events;

// Cookie replies: load on one of the sides.

/// <summary>This side is under load.</summary>
/// <remarks>Source: drivers/net/wireguard/send.c, wg_packet_send_handshake_cookie.</remarks>
public sealed record CookieReplySent(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.CookieReplySent;
}

/// <summary>Not authenticated when printed.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record CookieReplyReceived(EventHeader Header, string Interface, PeerEndpoint Endpoint) : PacketSourceEvent(Header, Interface, Endpoint)
{
    public override EventKind Kind => EventKind.CookieReplyReceived;
}

/// <summary>A cookie reply that matches nothing we sent.</summary>
/// <remarks>Source: drivers/net/wireguard/cookie.c, wg_cookie_message_consume.</remarks>
public sealed record CookieReplyUndecryptable(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.CookieReplyUndecryptable;
}
