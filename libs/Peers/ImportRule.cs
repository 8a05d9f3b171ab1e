using System.Collections.Immutable;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// What another program knew of a peer before any line named it. It is not a line: it changes no epoch, no clock and nothing of the host. What a line said stays,
/// and the first line that names the peer decides whether the import meant the same one.
/// </summary>
internal static class ImportRule
{
    public static (HostState State, ImmutableArray<HostFinding> Findings) Apply(HostState state, PeerImported e, Cause cause, FoldLimits limits)
    {
        // Nothing was heard of a peer after it was told.
        var at = Math.Max(0, e.Header.At);
        var (handshake, keepalive) = (Math.Clamp(e.LastHandshake, 0, at), Math.Clamp(e.LastKeepalive, 0, at));
        var id = new PeerId(state.Epoch.Number, e.Peer);
        if (state.Peers.ContainsKey(id) || IsOfEarlierLoad(state, Math.Max(handshake, keepalive))) return (state, []);
        if (state.Peers.Count >= limits.PeersMax) return (state with { PeersRefused = state.PeersRefused + 1 }, []);
        var peer = new PeerState
        {
            Id = id,
            Interface = e.Interface,
            ImportedAt = e.Header.At,
            Endpoint = e.Endpoint,
            EndpointSince = e.Endpoint.IsNone ? 0 : handshake,
            // What came before is not known to be confirmed, and nothing since is known at all: FreshAt stays at never.
            Keypairs = new Keypairs { BeforeAt = handshake },
            KeepaliveReceivedAt = keepalive,
            LastSeenAt = Math.Max(handshake, keepalive),
            LastTrafficAt = keepalive,
            Cause = cause,
        };
        return (state with { Peers = state.Peers.SetItem(id, peer), Changed = state.Changed.Push(id) }, [new PeerAppeared(state.Host, e.Header.At, cause, id, e.Interface, Created: false)]);
    }

    /// <summary>
    /// The first line that names an imported peer. The number was given to another one since if it is created only now, or if the host booted after the peer was
    /// heard last; comparing the two would tell a change of endpoint that is none. Else what was imported is what was known of it until now.
    /// </summary>
    public static PeerState Confront(in FoldStep step, PeerState peer, PeerEvent e)
    {
        var isAnother = e is PeerCreated || (step.Clock.Known && peer.LastSeenAt < step.Clock.BootAt);
        return isAnother ? new PeerState { Id = peer.Id, Interface = e.Interface, FirstSeenAt = step.At } : peer with { ImportedAt = 0, FirstSeenAt = step.At };
    }

    /// <summary>The module is loaded anew, and no line told of the load before: numbers that were only imported are not given any more.</summary>
    public static void ForgetAll(ref FoldStep step)
    {
        foreach (var (id, peer) in step.Peers)
        {
            if (peer is { IsImported: true, IsGone: false } && peer.LastSeenAt < step.At) step.Remove(id);
        }
    }

    private static bool IsOfEarlierLoad(HostState state, long heardAt) =>
        (state.Clock.Known && heardAt < state.Clock.BootAt) || (state.Epoch.Number > 1 && heardAt < state.Epoch.FirstAt);
}
