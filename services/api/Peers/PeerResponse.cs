using System.Text.Json.Serialization;
using WgMonitor.Api.History;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Peers;

/// <summary>A peer as the API tells it; the only place where state becomes JSON. Times are UTC, null for never.</summary>
/// <param name="Id"><c>host/epoch/number</c>.</param>
/// <param name="Host">Host that printed the lines.</param>
/// <param name="Epoch">Which load of the kernel module on that host, counted from 1.</param>
/// <param name="Peer">The kernel's number of the peer within that load.</param>
/// <param name="Interface">Device.</param>
/// <param name="Name">Name from the configuration; null when none is known.</param>
/// <param name="PublicKey">Public key; null when not known: it is in no line of the log.</param>
/// <param name="Endpoint">Where the peer is; null when none is known.</param>
/// <param name="LastHandshake">As <c>wg show</c> means it.</param>
/// <param name="HandshakeConfirmed">It is known that both sides completed it.</param>
/// <param name="LastKeepalive">Last keepalive received.</param>
/// <param name="LastSeen">Last authenticated packet of any kind.</param>
/// <param name="Status">online, idle, offline, unknown or gone.</param>
/// <param name="Complete">False where lines about this peer are known or suspected to be missing.</param>
/// <param name="SessionSince">When the running session began.</param>
/// <param name="FirstSeen">First line about the peer.</param>
/// <param name="GoneSince">When the number ceased to exist.</param>
/// <param name="Trust">What the transport of the latest line proved of its sender: udp (nothing), tcp, tls or tls-client-cert.</param>
/// <param name="LastEventId">Entry of the event log that changed the peer last.</param>
public sealed record PeerResponse(
    string Id, string Host, int Epoch, ulong Peer, string Interface, string? Name, string? PublicKey, EndpointResponse? Endpoint,
    DateTimeOffset? LastHandshake, bool HandshakeConfirmed, DateTimeOffset? LastKeepalive, DateTimeOffset? LastSeen, string Status, bool Complete,
    DateTimeOffset? SessionSince, DateTimeOffset? FirstSeen, DateTimeOffset? GoneSince, string Trust, string LastEventId)
{
    /// <summary>Of a past moment: how far it can be relied on. Left out of answers about the present.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PastResponse? Past { get; init; }

    /// <param name="listed">Peer and host.</param>
    /// <param name="now">Time of asking, Unix microseconds: the status depends on it.</param>
    public static PeerResponse Of(ListedPeer listed, long now)
    {
        var (host, peer) = listed;
        return new(
            listed.Id, host.Host, peer.Id.Epoch, peer.Id.Number, peer.Interface, null, null, EndpointResponse.Of(peer),
            Time(peer.LastHandshakeAt), peer.HandshakeConfirmed, Time(peer.KeepaliveReceivedAt), Time(peer.LastSeenAt),
            StatusName(PeerStatusRule.Status(peer, host, now)), PeerStatusRule.IsComplete(peer, host),
            Time(peer.SessionSince), Time(peer.FirstSeenAt), Time(peer.GoneAt), TrustWords.Of(peer.Trust), peer.Cause.ToString());
    }

    public static string StatusName(PeerStatus status) => status switch
    {
        PeerStatus.Online => "online",
        PeerStatus.Idle => "idle",
        PeerStatus.Offline => "offline",
        PeerStatus.Gone => "gone",
        _ => "unknown",
    };

    /// <summary>Unix microseconds to UTC; 0 is never.</summary>
    public static DateTimeOffset? Time(long microseconds) => microseconds <= 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}

/// <param name="Ip">Address.</param>
/// <param name="Port">UDP port.</param>
/// <param name="Scope">Interface index of a link-local address.</param>
/// <param name="Since">Since when it is this one, as far as lines tell.</param>
/// <param name="Trust">The lowest trust of the lines that made it.</param>
/// <param name="Authenticated">Source of an authenticated packet; false for what the kernel had stored, or what was imported.</param>
public sealed record EndpointResponse(string Ip, int Port, uint? Scope, DateTimeOffset? Since, string Trust, bool Authenticated)
{
    public static EndpointResponse? Of(PeerState peer) => peer.Endpoint.IsNone
        ? null
        : new(peer.Endpoint.Address.ToString(), peer.Endpoint.Port, peer.Endpoint.Scope == 0 ? null : peer.Endpoint.Scope,
            PeerResponse.Time(peer.EndpointSince), TrustWords.Of(peer.EndpointTrust), peer.EndpointCertainty == EndpointCertainty.Authenticated);
}
