namespace WgMonitor.Peers;

/// <summary>A session: from the first handshake that both sides completed until the keys are gone, or nobody spoke for as long as keys are kept.</summary>
internal static class SessionRule
{
    public static PeerState Begin(ref FoldStep step, PeerState peer)
    {
        if (peer.SessionSince != 0) return peer;
        step.Found(new SessionStarted(step.Host, step.At, step.Cause, peer.Id, peer.Interface));
        return peer with { SessionSince = step.At };
    }

    /// <summary>
    /// Nothing prints when a session dies of silence and has no key left to zero; the next sign of life shows it. To be asked before that sign is taken in.
    /// </summary>
    public static PeerState EndIfSilent(ref FoldStep step, PeerState peer) =>
        peer.SessionSince != 0 && step.At - peer.AliveAt > Microseconds.SessionKept ? End(ref step, peer, SessionEnd.Silent) : peer;

    public static PeerState End(ref FoldStep step, PeerState peer, SessionEnd end)
    {
        if (peer.SessionSince == 0) return peer;
        step.Found(new SessionEnded(step.Host, step.At, step.Cause, peer.Id, peer.Interface, peer.SessionSince, peer.AliveAt, end));
        return peer with { SessionSince = 0 };
    }
}
