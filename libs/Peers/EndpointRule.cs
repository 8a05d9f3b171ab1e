using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// Where a peer is. Only lines that print what the kernel has stored for the peer count: receive lines right after they stored it, the others
/// what is stored now. The source of a refused packet belongs to nobody. Moves by data packets alone print nothing and show at the next line.
/// </summary>
internal static class EndpointRule
{
    public static PeerState Apply(ref FoldStep step, PeerState peer, PeerEndpointEvent e)
    {
        // A late line never overrides a newer one. Stamps are taken when a line is printed and are truer than the order of the log.
        var uptime = e.Header.Uptime ?? -1;
        // No datagram is later than LateMax: an older stamp means that the one we hold was never true (mangled or forged), and must not freeze the endpoint.
        if (uptime >= 0 && uptime < peer.EndpointUptime && peer.EndpointUptime - uptime < EpochTrack.LateMax) return peer;
        var certainty = IsAuthenticated(e.Kind) ? EndpointCertainty.Authenticated : EndpointCertainty.Stored;
        if (e.Endpoint == peer.Endpoint)
        {
            if (peer.EndpointCertainty >= certainty) return uptime < 0 ? peer : peer with { EndpointUptime = uptime };
            var since = peer.EndpointSince == 0 ? step.At : peer.EndpointSince;
            var trust = peer.EndpointCertainty == EndpointCertainty.Unknown ? step.Trust : TrustWords.Lower(peer.EndpointTrust, step.Trust);
            return peer with { EndpointUptime = uptime, EndpointCertainty = certainty, EndpointSince = since, EndpointTrust = trust };
        }
        if (!peer.Endpoint.IsNone && !e.Endpoint.IsNone)
        {
            step.Found(Changed(step, peer, e, certainty));
            peer = peer with { EndpointChanges = peer.EndpointChanges + 1 };
        }
        return peer with { Endpoint = e.Endpoint, EndpointCertainty = certainty, EndpointSince = step.At, EndpointUptime = uptime, EndpointTrust = step.Trust };
    }

    private static EndpointChanged Changed(in FoldStep step, PeerState peer, PeerEndpointEvent e, EndpointCertainty certainty)
    {
        var sameAddress = peer.Endpoint.Address == e.Endpoint.Address && peer.Endpoint.Scope == e.Endpoint.Scope;
        var change = sameAddress ? EndpointChange.Port : EndpointChange.Address;
        return new(step.Host, step.At, step.Cause, peer.Id, e.Interface, peer.Endpoint, e.Endpoint, change, e.Kind, certainty,
            step.Loss.NothingMissedSince(peer.FreshAt))
        {
            // A change is no surer than the endpoint it starts from.
            Trust = TrustWords.Lower(peer.EndpointTrust, step.Trust),
        };
    }

    private static bool IsAuthenticated(EventKind kind) => kind is
        EventKind.HandshakeInitiationReceived or EventKind.HandshakeResponseReceived or EventKind.HandshakeResponseSent or EventKind.KeepaliveReceived
        or EventKind.PacketSrcUnallowed or EventKind.PacketNotIp or EventKind.PacketSizeIncorrect or EventKind.PacketNotDelivered;
}
