using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>Something concluded, in contrast to a <see cref="WireGuardEvent"/>, which is something said.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it happened, Unix microseconds.</param>
/// <param name="Cause">The entry of the log that made it known.</param>
public abstract record HostFinding(string Host, long At, Cause Cause);

/// <summary>A finding about one peer.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it happened.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device at that time.</param>
public abstract record PeerFinding(string Host, long At, Cause Cause, PeerId Peer, string Interface) : HostFinding(Host, At, Cause);

/// <summary>A number was seen for the first time.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it happened.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Created">Its creation was seen; otherwise it existed before.</param>
public sealed record PeerAppeared(string Host, long At, Cause Cause, PeerId Peer, string Interface, bool Created)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>The number will not be seen again.</summary>
public sealed record PeerGone(string Host, long At, Cause Cause, PeerId Peer, string Interface, GoneReason Reason)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>What of the endpoint changed.</summary>
public enum EndpointChange
{
    Address,

    /// <summary>Same address, other port: most often a NAT.</summary>
    Port,
}

/// <summary>The peer is reached elsewhere. The first endpoint seen is no change.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When the line that showed it was printed; the move itself may be earlier.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Old">Endpoint until then.</param>
/// <param name="New">Endpoint now.</param>
/// <param name="Change">Address or port only.</param>
/// <param name="Evidence">The kind of line that showed it.</param>
/// <param name="Certainty">Proved by a packet, or only what the kernel had stored.</param>
/// <param name="Complete">No line is known to be missing: there was no other endpoint in between that a line would have shown.</param>
public sealed record EndpointChanged(
    string Host, long At, Cause Cause, PeerId Peer, string Interface, PeerEndpoint Old, PeerEndpoint New, EndpointChange Change,
    EventKind Evidence, EndpointCertainty Certainty, bool Complete) : PeerFinding(Host, At, Cause, Peer, Interface)
{
    /// <summary>The lower trust of the lines that made the two endpoints.</summary>
    public TrustLevel Trust { get; init; }
}

/// <summary>Both sides have the session.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it was made known.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="HandshakeAt">When the handshake completed.</param>
/// <param name="Initiated">This host began it.</param>
public sealed record HandshakeConfirmed(string Host, long At, Cause Cause, PeerId Peer, string Interface, long HandshakeAt, bool Initiated)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>A session was derived here and thrown away unused: the other side never completed the handshake.</summary>
public sealed record HandshakeUnconfirmed(string Host, long At, Cause Cause, PeerId Peer, string Interface, ulong Keypair)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>The last attempt of this host went unanswered.</summary>
public sealed record HandshakeAbandoned(string Host, long At, Cause Cause, PeerId Peer, string Interface, int Attempts)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>This host sent data and heard nothing back for the time given.</summary>
public sealed record PeerStoppedAnswering(string Host, long At, Cause Cause, PeerId Peer, string Interface, int Seconds)
    : PeerFinding(Host, At, Cause, Peer, Interface);

public sealed record SessionStarted(string Host, long At, Cause Cause, PeerId Peer, string Interface) : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>How a session ended.</summary>
public enum SessionEnd
{
    KeysZeroed,
    GaveUp,
    Gone,

    /// <summary>Silent for longer than keys are kept; noticed at the next line of the peer.</summary>
    Silent,

    /// <summary>There was none: the handshake it rested on was disproved.</summary>
    Disproved,
}

/// <param name="Host">Host concerned.</param>
/// <param name="At">When it ended.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Since">When it had begun.</param>
/// <param name="LastAliveAt">Last sign of life in it.</param>
/// <param name="End">How it ended.</param>
public sealed record SessionEnded(string Host, long At, Cause Cause, PeerId Peer, string Interface, long Since, long LastAliveAt, SessionEnd End)
    : PeerFinding(Host, At, Cause, Peer, Interface);

/// <summary>Peer numbers restart; all peers of the epoch before are gone and nothing of them is compared with the new ones.</summary>
public sealed record EpochStarted(string Host, long At, Cause Cause, int Epoch, EpochReason Reason) : HostFinding(Host, At, Cause);

/// <summary>The kernel dropped lines: from here back to the last handshake of a peer, that peer may have changed unseen.</summary>
public sealed record LinesSuppressed(string Host, long At, Cause Cause, long Count) : HostFinding(Host, At, Cause);

/// <summary>A device is gone, or got another name (<paramref name="NewName"/>).</summary>
public sealed record InterfaceChanged(string Host, long At, Cause Cause, string Interface, string? NewName, bool Destroyed) : HostFinding(Host, At, Cause);

/// <summary>Lines of the host are missing, or may be. Told once where one gap goes on into the next.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it was made known.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Gap">The gap as first known; open while it has no end.</param>
public sealed record GapOpened(string Host, long At, Cause Cause, Gap Gap) : HostFinding(Host, At, Cause);

/// <summary>A gap that was open has its end.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it was made known.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Gap">The gap with its end.</param>
public sealed record GapClosed(string Host, long At, Cause Cause, Gap Gap) : HostFinding(Host, At, Cause);

/// <summary>No line of the host came for much longer than usual: the sender, the way or the host is gone, or nothing happens there.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When it was told.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Since">When its last line was received.</param>
/// <param name="Usual">Usual time between two groups of its lines, microseconds.</param>
public sealed record HostWentSilent(string Host, long At, Cause Cause, long Since, long Usual) : HostFinding(Host, At, Cause);

/// <summary>A host that was silent sends lines again.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="At">When the line was received.</param>
/// <param name="Cause">What made it known.</param>
/// <param name="Since">When the line before the silence was received.</param>
public sealed record HostHeardAgain(string Host, long At, Cause Cause, long Since) : HostFinding(Host, At, Cause);
