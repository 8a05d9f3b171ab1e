namespace WgMonitor.Events;

// What another program knew before the log began. No kernel line makes these: an operator has them appended once.

/// <summary>
/// What another program knew of a peer. No packet line: it says where the peer was and when it was heard, and nothing of what came in between. The header's times
/// are when it was imported; uptime is absent, and the trust is the lowest.
/// </summary>
/// <param name="Header">Host, and time of the import.</param>
/// <param name="Interface">Device name.</param>
/// <param name="Peer">The kernel's number of the peer, of the load of the module that ran at <paramref name="LastHandshake"/> or <paramref name="LastKeepalive"/>.</param>
/// <param name="Endpoint">Where it was, or <see cref="PeerEndpoint.None"/>.</param>
/// <param name="LastHandshake">When a handshake of it was received last, Unix microseconds; 0 where that is not known.</param>
/// <param name="LastKeepalive">The same of a keepalive.</param>
public sealed record PeerImported(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint, long LastHandshake, long LastKeepalive) : PeerEvent(Header, Interface, Peer)
{
    public override EventKind Kind => EventKind.PeerImported;
}
