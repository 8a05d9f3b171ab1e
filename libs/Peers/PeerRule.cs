using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>Lines that name a peer: who it is, when it comes and goes. What a line changes in a living peer is in <see cref="PeerLineRule"/>.</summary>
internal static class PeerRule
{
    public static void Apply(ref FoldStep step, PeerEvent e)
    {
        InterfaceRule.Find(ref step, e.Interface);
        var id = new PeerId(step.Epoch.Number, e.Peer);
        if (!step.Peers.TryGetValue(id, out var peer))
        {
            peer = Appear(ref step, e, id);
            if (peer is null) return;
        }
        else if (peer.IsGone && !Returns(peer, e, step.At))
        {
            return;
        }
        else if (peer.IsGone)
        {
            // Its device's end was seen, but it is another device of that name, in another namespace, that ended.
            peer = peer with { GoneAt = 0, GoneReason = GoneReason.NotGone };
            // The queue is found again from the gone peers alone when stored state is read, so it must not hold one that came back.
            step.Gone = [.. step.Gone.Where(gone => gone.Peer != id)];
            step.GoneCount--;
            step.Found(new PeerAppeared(step.Host, step.At, step.Cause, id, e.Interface, Created: false));
        }
        if (peer.IsImported) peer = ImportRule.Confront(step, peer, e);
        peer = PeerLineRule.Apply(ref step, peer, e);
        step.Set(peer with { Interface = e.Interface, Cause = step.Cause, Trust = step.Trust });
        if (e is PeerDestroyed) End(ref step, id, GoneReason.Destroyed);
    }

    private static PeerState? Appear(ref FoldStep step, PeerEvent e, PeerId id)
    {
        while (step.Peers.Count >= step.Limits.PeersMax && step.GoneCount > 0) ForgetLongestGone(ref step);
        if (step.Peers.Count >= step.Limits.PeersMax)
        {
            step.PeersRefused++;
            return null;
        }
        var created = e is PeerCreated;
        step.Found(new PeerAppeared(step.Host, step.At, step.Cause, id, e.Interface, created));
        return new PeerState { Id = id, Interface = e.Interface, FirstSeenAt = step.At };
    }

    /// <summary>A destroyed number never returns; a line after it is a late one.</summary>
    private static bool Returns(PeerState peer, PeerEvent e, long at) =>
        peer.GoneReason == GoneReason.InterfaceDestroyed && at > peer.GoneAt && e is not PeerDestroyed;

    public static void EndAll(ref FoldStep step)
    {
        foreach (var (id, peer) in step.Peers)
        {
            if (!peer.IsGone) End(ref step, id, GoneReason.EpochEnded);
        }
    }

    public static void EndAllOf(ref FoldStep step, string device)
    {
        foreach (var (id, peer) in step.Peers)
        {
            if (!peer.IsGone && peer.Interface == device) End(ref step, id, GoneReason.InterfaceDestroyed);
        }
    }

    public static void MoveAllOf(ref FoldStep step, string device, string newName)
    {
        foreach (var (id, peer) in step.Peers)
        {
            if (!peer.IsGone && peer.Interface == device) step.Set(peer with { Interface = newName, Cause = step.Cause });
        }
    }

    private static void End(ref FoldStep step, PeerId id, GoneReason reason)
    {
        var peer = SessionRule.End(ref step, step.Peers[id], SessionEnd.Gone);
        step.Set(peer with { GoneAt = step.At, GoneReason = reason, HandshakeAttempt = 0, Cause = step.Cause });
        step.Gone = step.Gone.Enqueue(new GonePeer(id, step.At));
        step.GoneCount++;
        step.Found(new PeerGone(step.Host, step.At, step.Cause, id, peer.Interface, reason));
    }

    public static void ForgetLongGone(ref FoldStep step)
    {
        while (step.GoneCount > 0)
        {
            var oldest = step.Gone.Peek();
            if (step.GoneCount <= step.Limits.GonePeersMax && step.At - oldest.At < step.Limits.GoneKept) return;
            ForgetLongestGone(ref step);
        }
    }

    private static void ForgetLongestGone(ref FoldStep step)
    {
        var oldest = step.Gone.Peek();
        step.Gone = step.Gone.Dequeue();
        step.GoneCount--;
        // It may have returned, and gone again: then a later place in the queue is its own.
        if (step.Peers.TryGetValue(oldest.Peer, out var peer) && peer.GoneAt == oldest.At) step.Remove(oldest.Peer);
    }

    /// <summary>First sessions whose attempt was not repeated in time, on a host of which no line is missing.</summary>
    public static void PresumeUnrepeated(ref FoldStep step)
    {
        while (!step.Candidates.IsEmpty)
        {
            var oldest = step.Candidates.Peek();
            if (step.At <= oldest.At + Microseconds.HandshakeRetry) return;
            step.Candidates = step.Candidates.Dequeue();
            if (!step.Loss.NothingMissedSince(oldest.At) || !step.Peers.TryGetValue(oldest.Peer, out var peer) || peer.IsGone) continue;
            var keypairs = HandshakeRule.NotRepeated(peer.Keypairs, oldest.Keypair);
            if (keypairs != peer.Keypairs) step.Set(peer with { Keypairs = keypairs, Cause = step.Cause });
        }
    }
}
