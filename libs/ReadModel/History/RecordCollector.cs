using System.Collections.Immutable;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// What the fold of an entry ended or began, as records. It concludes nothing itself: sessions and epochs are the fold's findings, and the stay at an endpoint
/// is what the fold's state said of it until the state said something else.
/// </summary>
internal sealed class RecordCollector
{
    public List<HistoryRecord> Records { get; } = [];

    /// <param name="before">The host before the entry.</param>
    /// <param name="after">And behind it.</param>
    /// <param name="findings">What the fold concluded from it.</param>
    public void Observe(HostState before, HostState after, ImmutableArray<HostFinding> findings)
    {
        foreach (var id in Touched(before, after))
        {
            if (after.Peers.TryGetValue(id, out var peer)) ObserveEndpoint(before, after, before.Peers.GetValueOrDefault(id), peer);
        }
        foreach (var finding in findings)
        {
            if (finding is SessionEnded session) Records.Add(Of(session, before));
            else if (finding is EpochStarted epoch) Records.Add(new EpochRecord(epoch.Host, epoch.Cause, epoch.Epoch, epoch.At, epoch.Reason));
        }
    }

    /// <summary>The endpoint the peer is at, and the session it has.</summary>
    public static IEnumerable<HistoryRecord> Open(HostState host, PeerState peer)
    {
        if (peer.IsGone) yield break;
        if (!peer.Endpoint.IsNone) yield return Of(host, peer, 0, EndpointEnd.Open, peer.Cause);
        if (peer.SessionSince != 0)
            yield return new SessionRecord(host.Host, peer.Cause, peer.Id, peer.Interface, peer.SessionSince, 0, peer.AliveAt, null, PeerStatusRule.IsComplete(peer, host));
    }

    private void ObserveEndpoint(HostState before, HostState after, PeerState? was, PeerState now)
    {
        var changed = was is { IsGone: false, Endpoint.IsNone: false } && was.Endpoint != now.Endpoint;
        if (changed) Records.Add(Of(before, was!, now.EndpointSince, now.Endpoint.IsNone ? EndpointEnd.Cleared : EndpointEnd.Changed, now.Cause));
        if (now.IsGone && was is not { IsGone: true } && !now.Endpoint.IsNone) Records.Add(Of(after, now, now.GoneAt, EndpointEnd.Gone, now.Cause));
    }

    /// <summary>Peers set by the entry, each once.</summary>
    private static IEnumerable<PeerId> Touched(HostState before, HostState after)
    {
        if (ReferenceEquals(after.Changed, before.Changed)) return [];
        var ids = new List<PeerId>();
        for (var changed = after.Changed; !changed.IsEmpty && !ReferenceEquals(changed, before.Changed); changed = changed.Pop()) ids.Add(changed.Peek());
        return ids.Count == 1 ? ids : ids.Distinct();
    }

    private static EndpointRecord Of(HostState host, PeerState peer, long until, EndpointEnd end, Cause cause) => new(
        host.Host, cause, peer.Id, peer.Interface, peer.Endpoint, peer.EndpointSince, until, end, peer.EndpointTrust, peer.EndpointCertainty, PeerStatusRule.IsComplete(peer, host));

    private static SessionRecord Of(SessionEnded session, HostState before) => new(
        session.Host, session.Cause, session.Peer, session.Interface, session.Since, session.At, session.LastAliveAt, session.End,
        before.Peers.TryGetValue(session.Peer, out var peer) && PeerStatusRule.IsComplete(peer, before));
}
