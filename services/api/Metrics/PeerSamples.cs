using Prometheus;
using WgMonitor.Api.Peers;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Metrics;

/// <summary>Labels of a peer's series. They do not name its epoch: after a reboot the same labels belong to somebody else.</summary>
internal readonly record struct PeerLabels(string Host, string Interface, string Peer);

/// <summary>
/// The series of single peers, and how many there are by status. A peer that is gone loses its series. Not thread-safe; a scrape in between
/// may see some of the change.
/// </summary>
internal sealed class PeerSamples
{
    private static readonly string[] Labels = ["host", "interface", "peer"];

    private readonly Gauge handshake;
    private readonly Gauge foreignHandshake;
    private readonly Gauge seen;
    private readonly Gauge up;
    private readonly Gauge endpoint;
    private readonly Gauge peers;
    private readonly OriginalSeries original;

    private Dictionary<PeerLabels, ListedPeer> shown = [];
    private HashSet<(PeerLabels Peer, string Ip, string Port)> shownEndpoints = [];

    public PeerSamples(MetricFactory factory)
    {
        handshake = factory.CreateGauge(
            "wgmonitor_api_peer_last_handshake_timestamp_seconds", "Latest handshake as wg show means it, Unix time; 0 for never. Standing still for more than 3 minutes while the peer should be busy: look at its events.", Labels);
        foreignHandshake = factory.CreateGauge("wireguard_latest_handshake_seconds", "Latest handshake as wg show means it, Unix time; 0 for never. Standing still for more than 3 minutes while the peer should be busy: look at its events.", Labels);
        seen = factory.CreateGauge("wgmonitor_api_peer_last_seen_timestamp_seconds", "Last authenticated packet, Unix time; 0 for never. Standing still: the peer is away, or its host sends no lines.", Labels);
        up = factory.CreateGauge("wireguard_peer_up", "1 while the peer is online. Staying 0: it is away, or its host sends no lines; look at its status.", Labels);
        endpoint = factory.CreateGauge("wireguard_peer_endpoint_info", "1 for the endpoint the peer has now. Changing often: it roams, or two devices share its key.", [.. Labels, "ip", "port"]);
        peers = factory.CreateGauge(
            "wgmonitor_api_peers", "Peers known, by status. Not there while wgmonitor_api_peer_series_refused is 1 or api.peer_series_max is 0.", ["status"]);
        original = new OriginalSeries(factory);
    }

    /// <summary>Only these peers have series from now on.</summary>
    /// <param name="alive">Every peer that is not gone.</param>
    /// <param name="gone">How many are gone.</param>
    /// <param name="now">Unix microseconds.</param>
    public void Show(IReadOnlyList<ListedPeer> alive, int gone, long now)
    {
        var counts = Enum.GetValues<PeerStatus>().ToDictionary(status => status, status => status == PeerStatus.Gone ? gone : 0);
        foreach (var (host, peer) in alive) counts[PeerStatusRule.Status(peer, host, now)]++;
        foreach (var (status, count) in counts) peers.WithLabels(PeerResponse.StatusName(status)).Set(count);
        Replace(alive, now);
    }

    /// <summary>No peer has series, and how many there are is not known.</summary>
    public void ShowNone()
    {
        foreach (var status in Enum.GetValues<PeerStatus>()) peers.RemoveLabelled(PeerResponse.StatusName(status));
        Replace([], 0);
    }

    private void Replace(IReadOnlyList<ListedPeer> alive, long now)
    {
        var current = new Dictionary<PeerLabels, ListedPeer>(alive.Count);
        foreach (var listed in alive)
        {
            var labels = new PeerLabels(listed.Host.Host, listed.Peer.Interface, listed.Peer.Id.Number.ToString());
            // Two epochs only while a reboot is being written; the newer one counts.
            if (!current.TryGetValue(labels, out var other) || other.Peer.Id.Epoch < listed.Peer.Id.Epoch) current[labels] = listed;
        }
        foreach (var (labels, before) in shown)
        {
            if (!current.TryGetValue(labels, out var after)) Remove(labels);
            else if (!IsSame(before.Peer, after.Peer)) original.Remove(labels);
        }
        foreach (var (labels, listed) in current) Set(labels, listed, now);
        var endpoints = current.Where(entry => !entry.Value.Peer.Endpoint.IsNone)
            .Select(entry => (entry.Key, entry.Value.Peer.Endpoint.Address.ToString(), entry.Value.Peer.Endpoint.Port.ToString())).ToHashSet();
        foreach (var (peer, ip, port) in shownEndpoints.Except(endpoints)) endpoint.RemoveLabelled(peer.Host, peer.Interface, peer.Peer, ip, port);
        foreach (var (peer, ip, port) in endpoints) endpoint.WithLabels(peer.Host, peer.Interface, peer.Peer, ip, port).Set(1);
        (shown, shownEndpoints) = (current, endpoints);
    }

    /// <summary>Counters go on only for the same count: another epoch, or a state that was folded anew, begins at its own first event.</summary>
    private static bool IsSame(PeerState before, PeerState after) => before.Id == after.Id && before.FirstSeenAt == after.FirstSeenAt;

    private void Set(PeerLabels labels, ListedPeer listed, long now)
    {
        var (host, peer) = listed;
        handshake.WithLabels(labels.Host, labels.Interface, labels.Peer).Set(peer.LastHandshakeAt / 1e6);
        foreignHandshake.WithLabels(labels.Host, labels.Interface, labels.Peer).Set(peer.LastHandshakeAt / 1e6);
        seen.WithLabels(labels.Host, labels.Interface, labels.Peer).Set(peer.LastSeenAt / 1e6);
        up.WithLabels(labels.Host, labels.Interface, labels.Peer).Set(PeerStatusRule.Status(peer, host, now) == PeerStatus.Online ? 1 : 0);
        original.Set(labels, peer);
    }

    private void Remove(PeerLabels labels)
    {
        foreach (var gauge in new[] { handshake, foreignHandshake, seen, up }) gauge.RemoveLabelled(labels.Host, labels.Interface, labels.Peer);
        original.Remove(labels);
    }
}
