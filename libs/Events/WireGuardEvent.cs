namespace WgMonitor.Events;

/// <summary>
/// A fact: what one kernel line said. Findings ("the endpoint changed") are not events; they are conclusions of the fold.
/// The families: <see cref="InterfaceEvent"/> names a device, <see cref="PeerEvent"/> also a peer, <see cref="KeypairEvent"/> also a keypair,
/// <see cref="PeerEndpointEvent"/> a peer and the endpoint stored for it, <see cref="PacketSourceEvent"/> an address that belongs to no peer.
/// No line makes a <see cref="CoverageEvent"/>: it is what somebody on the way knows of lines that are missing; nor a <see cref="PeerImported"/>.
/// </summary>
/// <param name="Header">Host and times.</param>
public abstract record WireGuardEvent(EventHeader Header)
{
    public abstract EventKind Kind { get; }
}

/// <param name="Header">Host and times.</param>
/// <param name="Interface">Device name at print time, 1 to 15 bytes, escaped by <see cref="EscapedText"/>.</param>
public abstract record InterfaceEvent(EventHeader Header, string Interface) : WireGuardEvent(Header);

/// <param name="Header">Host and times.</param>
/// <param name="Interface">Device name at print time.</param>
/// <param name="Peer">The kernel's number of the peer: unique on a host within one module load, shared by all devices.</param>
public abstract record PeerEvent(EventHeader Header, string Interface, ulong Peer) : InterfaceEvent(Header, Interface);

/// <param name="Header">Host and times.</param>
/// <param name="Interface">Device name at print time.</param>
/// <param name="Peer">The kernel's number of the peer.</param>
/// <param name="Keypair">The kernel's number of the keypair: dense and growing over all peers of a host within one module load.</param>
public abstract record KeypairEvent(EventHeader Header, string Interface, ulong Peer, ulong Keypair) : PeerEvent(Header, Interface, Peer);

/// <param name="Header">Host and times.</param>
/// <param name="Interface">Device name at print time.</param>
/// <param name="Peer">The kernel's number of the peer.</param>
/// <param name="Endpoint">
/// The endpoint the kernel has stored for the peer when it prints: on receive lines the new one, just stored from this packet; on the others
/// the current one, perhaps <see cref="PeerEndpoint.None"/>. The old endpoint is never printed.
/// </param>
public abstract record PeerEndpointEvent(EventHeader Header, string Interface, ulong Peer, PeerEndpoint Endpoint) : PeerEvent(Header, Interface, Peer);

/// <param name="Header">Host and times.</param>
/// <param name="Interface">Device name at print time.</param>
/// <param name="Endpoint">Source or destination of a packet; stored nowhere, belongs to no peer.</param>
public abstract record PacketSourceEvent(EventHeader Header, string Interface, PeerEndpoint Endpoint) : InterfaceEvent(Header, Interface);
