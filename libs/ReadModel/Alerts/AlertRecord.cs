using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>Something a rule wants told about one peer, or about a host (<see cref="IsOfHost"/>). Never changes once it is in the outbox.</summary>
/// <param name="Id">See <see cref="AlertId"/>.</param>
/// <param name="Kind">What happened, e.g. <see cref="EndpointChangedKind"/>.</param>
/// <param name="Rule">Name of the rule that raised it.</param>
/// <param name="Host">Host of the peer.</param>
/// <param name="Peer">The peer on that host.</param>
/// <param name="Interface">Its device at that time.</param>
/// <param name="OldEndpoint">Endpoint until then.</param>
/// <param name="NewEndpoint">Endpoint now.</param>
/// <param name="Change">Address, or only the port.</param>
/// <param name="At">When the line that showed it was printed, Unix microseconds.</param>
/// <param name="Received">When the collector received that line, Unix microseconds.</param>
/// <param name="Causes">The entries of the event log it rests on, at least one; the last one made it known.</param>
/// <param name="Evidence">The kind of line that showed it.</param>
/// <param name="Certainty">Proved by a packet, or only what the kernel had stored.</param>
/// <param name="Complete">No line of the peer is known to be missing.</param>
public sealed record AlertRecord(
    string Id, string Kind, string Rule, string Host, PeerId Peer, string Interface, PeerEndpoint OldEndpoint, PeerEndpoint NewEndpoint,
    EndpointChange Change, long At, long Received, IReadOnlyList<StreamId> Causes, EventKind Evidence, EndpointCertainty Certainty, bool Complete)
{
    /// <summary>The peer is reached elsewhere.</summary>
    public const string EndpointChangedKind = "endpoint-changed";

    /// <summary>No line of the host came for much longer than usual.</summary>
    public const string HostSilentKind = "host-silent";

    /// <summary>The host was silent and is not any more.</summary>
    public const string HostHeardKind = "host-heard";

    /// <summary>Lines of the host are missing, or may be.</summary>
    public const string GapKind = "gap";

    /// <summary>Since when and why lines are missing, of an alert about a host; null of one about a peer.</summary>
    public Gap? Gap { get; init; }

    /// <summary>It is about a host: peer 0, which no kernel has, and neither device nor endpoints.</summary>
    public bool IsOfHost => Peer.Number == 0;

    /// <summary>How far the senders of the lines it rests on are known: the lowest of them.</summary>
    public TrustLevel Trust { get; init; }

    /// <summary>The trust is below what the rule asks for.</summary>
    public bool Unproven { get; init; }

    /// <summary>Name the operator gave the peer; null without one.</summary>
    public string? Name { get; init; }

    /// <summary>The peer's public key where it is known; the kernel's log does not tell it.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The peer as in the API: <c>vpn-01/1/17</c>; of an alert about a host the host alone.</summary>
    public string PeerName => IsOfHost ? Host : $"{Host}/{Peer.Epoch}/{Peer.Number}";

    /// <summary>The entry of the event log that made it known.</summary>
    public StreamId Cause => Causes[^1];
}
