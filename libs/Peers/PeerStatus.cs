namespace WgMonitor.Peers;

/// <summary>How a peer stands at a moment.</summary>
public enum PeerStatus
{
    /// <summary>Too little is known: lines are missing, or the only session is not known to be shared by the other side.</summary>
    Unknown,

    /// <summary>A session that both sides can use.</summary>
    Online,

    /// <summary>The session's key is too old to be used, or the peer does not answer; its keys are kept.</summary>
    Idle,

    /// <summary>Without session.</summary>
    Offline,

    /// <summary>The number does not exist any more.</summary>
    Gone,
}

/// <summary>Status from state and time of asking, by the protocol's own timers: 180 s a session is usable, 540 s its keys are kept.</summary>
public static class PeerStatusRule
{
    /// <param name="peer">The peer.</param>
    /// <param name="host">Its host, of the same moment.</param>
    /// <param name="now">Time of asking, Unix microseconds.</param>
    public static PeerStatus Status(PeerState peer, HostState host, long now)
    {
        if (peer.IsGone) return PeerStatus.Gone;
        var alive = peer.AliveAt;
        // These lines are never dropped by the rate limit, so they decide whatever else is missing.
        if (Math.Max(peer.GaveUpAt, peer.KeysZeroedAt) > alive && !peer.Keypairs.Open) return PeerStatus.Offline;
        if (alive != 0 && now - alive <= Microseconds.SessionUsable)
        {
            if (!peer.Keypairs.Proved) return PeerStatus.Unknown;
            return peer.StoppedAnsweringAt > alive ? PeerStatus.Idle : PeerStatus.Online;
        }
        if (peer.Keypairs.Open && now - peer.Keypairs.CreatedAt <= Microseconds.SessionUsable) return PeerStatus.Unknown;
        if (!IsComplete(peer, host)) return PeerStatus.Unknown;
        return alive != 0 && now - alive <= Microseconds.SessionKept ? PeerStatus.Idle : PeerStatus.Offline;
    }

    /// <summary>
    /// No line about the peer is known or suspected to be missing since all about it was seen. On a host that drops lines a session without
    /// confirmation is not complete either: the line that would disprove it may be among the dropped.
    /// </summary>
    public static bool IsComplete(PeerState peer, HostState host)
    {
        if (peer.IsGone) return host.Loss.SuppressedAt == 0;
        if (!host.Loss.NothingMissedSince(peer.FreshAt)) return false;
        return !peer.Keypairs.Open || host.Loss.SuppressedAt == 0;
    }
}
