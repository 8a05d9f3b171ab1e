using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>What one line changes in a living peer.</summary>
internal static class PeerLineRule
{
    public static PeerState Apply(ref FoldStep step, PeerState peer, PeerEvent e)
    {
        if (e is PeerEndpointEvent seen) peer = EndpointRule.Apply(ref step, peer, seen);
        var header = e.Header;
        var at = step.At;
        var k = peer.Keypairs;
        switch (e)
        {
            case PeerCreated:
                return peer.CreatedAt != 0 ? peer : peer with { CreatedAt = at, FreshAt = Math.Max(peer.FreshAt, at) };
            case HandshakeInitiationReceived:
                return WithKeypairs(ref step, Handshake(peer, header, at), HandshakeRule.Part(k, header, HandshakePart.Responder));
            case HandshakeResponseSent:
                return WithKeypairs(ref step, peer, HandshakeRule.Part(k, header, HandshakePart.Responder));
            case HandshakeResponseReceived:
                return WithKeypairs(ref step, Handshake(peer, header, at) with { HandshakeAttempt = 0 }, HandshakeRule.Part(k, header, HandshakePart.Initiator));
            case KeypairCreated line:
                return KeypairCreated(ref step, peer, line);
            case KeypairDestroyed line:
                // A keypair whose creation was not seen: a handshake was missed.
                if (line.Keypair > k.Newest) peer = peer with { FreshAt = long.MinValue };
                return WithKeypairs(ref step, peer, HandshakeRule.Destroyed(k, header, line.Keypair, at));
            case KeepaliveReceived:
                peer = Traffic(ref step, peer) with { KeepaliveReceivedAt = Math.Max(peer.KeepaliveReceivedAt, at), Keepalives = peer.Keepalives + header.Repeat };
                return WithKeypairs(ref step, peer, HandshakeRule.PacketReceived(k, header, empty: true, at));
            case PacketSrcUnallowed or PacketNotIp or PacketSizeIncorrect or PacketNotDelivered:
                return WithKeypairs(ref step, Traffic(ref step, peer), HandshakeRule.PacketReceived(k, header, empty: false, at));
            case KeepaliveSent:
                return peer with { KeepaliveSentAt = Math.Max(peer.KeepaliveSentAt, at) };
            case HandshakeInitiationSent:
                return peer with { HandshakeAttempt = Math.Max(1, peer.HandshakeAttempt) };
            case HandshakeRetrying line:
                return peer with { HandshakeAttempt = line.Attempt };
            case HandshakeGaveUp line:
                step.Found(new HandshakeAbandoned(step.Host, at, step.Cause, peer.Id, e.Interface, line.Attempts));
                return SessionRule.End(ref step, peer with { GaveUpAt = Math.Max(peer.GaveUpAt, at), HandshakeAttempt = 0 }, SessionEnd.GaveUp);
            case HandshakeRestartedNoAnswer line:
                step.Found(new PeerStoppedAnswering(step.Host, at, step.Cause, peer.Id, e.Interface, line.Seconds));
                return WithKeypairs(ref step, peer with { StoppedAnsweringAt = Math.Max(peer.StoppedAnsweringAt, at) }, HandshakeRule.DataWasSent(k, header));
            case KeysZeroed:
                return SessionRule.End(ref step, peer with { KeysZeroedAt = Math.Max(peer.KeysZeroedAt, at) }, SessionEnd.KeysZeroed);
            default:
                return peer;
        }
    }

    private static PeerState KeypairCreated(ref FoldStep step, PeerState peer, KeypairCreated e)
    {
        if (e.Keypair <= peer.Keypairs.Newest) return peer;
        peer = SessionRule.EndIfSilent(ref step, peer);
        peer = WithKeypairs(ref step, peer, HandshakeRule.Replaced(peer.Keypairs, e.Keypair, step.At));
        var k = HandshakeRule.Created(peer.Keypairs, e.Header, e.Keypair, step.At);
        // A packet line that overtook this one by stamp has confirmed the session already.
        if (e.Header.Uptime is not null && peer.LastTrafficAt > step.At)
        {
            k = HandshakeRule.PacketReceived(k, e.Header, peer.KeepaliveReceivedAt == peer.LastTrafficAt, peer.LastTrafficAt);
        }
        if (k is { Open: true, Presumed: false, Distrusted: false }) step.Candidates = step.Candidates.Enqueue(new SessionCandidate(peer.Id, e.Keypair, step.At));
        // A session that does not count yet leaves the one before as the latest: that one has to be known too.
        var whole = k.NewestPart != HandshakePart.Unknown && (k.LatestAt == step.At || step.Loss.NothingMissedSince(peer.FreshAt));
        return WithKeypairs(ref step, peer with { FreshAt = whole ? step.At : long.MinValue, HandshakeAttempt = 0 }, k);
    }

    /// <summary>Takes over what became of the sessions, and says what was concluded of them.</summary>
    private static PeerState WithKeypairs(ref FoldStep step, PeerState peer, Keypairs k)
    {
        var old = peer.Keypairs;
        if (k == old) return peer;
        peer = peer with { Keypairs = k };
        if (k.Distrusted && !old.Distrusted) peer = Unconfirmed(ref step, peer, old);
        // Going back to an earlier handshake confirms nothing: that one was announced when it came.
        var newly = k.LatestConfirmed && k.LatestAt >= old.LatestAt && (k.LatestAt != old.LatestAt || !old.LatestConfirmed);
        return newly ? Confirmed(ref step, peer) : peer;
    }

    private static PeerState Unconfirmed(ref FoldStep step, PeerState peer, Keypairs old)
    {
        step.Found(new HandshakeUnconfirmed(step.Host, step.At, step.Cause, peer.Id, peer.Interface, old.Newest));
        return peer.LastHandshakeAt == 0 ? SessionRule.End(ref step, peer, SessionEnd.Disproved) : peer;
    }

    private static PeerState Confirmed(ref FoldStep step, PeerState peer)
    {
        var k = peer.Keypairs;
        var initiated = k.Standing == KeypairStanding.Initiated;
        if (peer.FreshAt == long.MinValue && k.NewestPart != HandshakePart.Unknown) peer = peer with { FreshAt = k.CreatedAt };
        step.Found(new HandshakeConfirmed(step.Host, step.At, step.Cause, peer.Id, peer.Interface, peer.LastHandshakeAt, initiated));
        return SessionRule.Begin(ref step, peer);
    }

    private static PeerState Handshake(PeerState peer, in EventHeader header, long at) =>
        peer with { LastSeenAt = Math.Max(peer.LastSeenAt, at), Handshakes = peer.Handshakes + header.Repeat };

    private static PeerState Traffic(ref FoldStep step, PeerState peer)
    {
        peer = SessionRule.EndIfSilent(ref step, peer);
        return peer with { LastSeenAt = Math.Max(peer.LastSeenAt, step.At), LastTrafficAt = Math.Max(peer.LastTrafficAt, step.At) };
    }
}
