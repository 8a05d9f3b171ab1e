using Prometheus;
using WgMonitor.Api.Peers;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Metrics;

/// <summary>
/// Peer state as Prometheus series. Refreshed in the background, so that a scrape costs the same however slow Redis is. Bounded: with more
/// peers than <see cref="ApiOptions.PeerSeriesMax"/> none has series of its own, and a peer that is gone loses them.
/// </summary>
internal sealed class PeerSeries(MetricFactory factory, PeerDirectory directory, ApiOptions options, TimeProvider time, ILogger<PeerSeries> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly string[] Labels = ["host", "interface", "peer"];

    private readonly Gauge handshake = factory.CreateGauge(
        "wgmonitor_api_peer_last_handshake_timestamp_seconds", "Latest handshake as wg show means it, Unix time; 0 for never.", Labels);

    private readonly Gauge seen = factory.CreateGauge("wgmonitor_api_peer_last_seen_timestamp_seconds", "Last authenticated packet, Unix time; 0 for never.", Labels);

    private readonly Gauge up = factory.CreateGauge("wireguard_peer_up", "1 while the peer is online.", Labels);

    private readonly Gauge endpoint = factory.CreateGauge(
        "wireguard_peer_endpoint_info", "1 for the endpoint the peer has now.", ["host", "interface", "peer", "ip", "port"]);

    // The names of the tool this one replaces, counted over the life of the peer instead of the process.
    private readonly Counter originalEvents = factory.CreateCounter(
        "wg_peer_monitoring_wg_wireguard_events_total", "Handshake and keepalive lines of a peer.", ["peer", "event", "host", "interface"]);

    private readonly Counter originalChanges = factory.CreateCounter(
        "wg_peer_monitoring_wg_peer_changes_total", "Endpoint changes of a peer.", ["peer", "host", "interface"]);

    private readonly Gauge peers = factory.CreateGauge("wgmonitor_api_peers", "Peers known, by status.", ["status"]);

    private readonly Gauge unserved = factory.CreateGauge(
        "wgmonitor_api_peer_series_refused", "Peers without series because there are more than api.peer_series_max; raise it if your Prometheus can bear it.");

    private readonly Gauge version = factory.CreateGauge("wg_peer_monitoring_app_version_info", "1 for the version that runs.", ["version"]);

    private HashSet<(string, string, string)> shown = [];
    private HashSet<(string, string, string, string, string)> shownEndpoints = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        version.WithLabels($"v{ProductVersion.Text}").Set(1);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is StackExchange.Redis.RedisException or StackExchange.Redis.RedisCommandException or TimeoutException or System.Text.Json.JsonException)
            {
                logger.PeerSeriesStale(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var now = PeersEndpoints.Now(time);
        var counts = Enum.GetValues<PeerStatus>().ToDictionary(status => status, _ => 0);
        var listed = new List<ListedPeer>();
        var after = "";
        while (true)
        {
            var page = await directory.ReadPageAsync(after, options.PageMax, cancellationToken);
            foreach (var peer in page)
            {
                counts[PeerStatusRule.Status(peer.Peer, peer.Host, now)]++;
                if (!peer.Peer.IsGone && listed.Count <= options.PeerSeriesMax) listed.Add(peer);
            }
            if (page.Count < options.PageMax) break;
            after = page[^1].Id;
        }
        foreach (var (status, count) in counts) peers.WithLabels(PeerResponse.StatusName(status)).Set(count);
        var alive = counts.Values.Sum() - counts[PeerStatus.Gone];
        var refused = alive > options.PeerSeriesMax;
        unserved.Set(refused ? alive : 0);
        Show(refused ? [] : listed, now);
    }

    private void Show(IReadOnlyList<ListedPeer> listed, long now)
    {
        var current = new HashSet<(string, string, string)>();
        var endpoints = new HashSet<(string, string, string, string, string)>();
        foreach (var item in listed)
        {
            var (host, peer) = item;
            string[] labels = [host.Host, peer.Interface, peer.Id.Number.ToString()];
            current.Add((labels[0], labels[1], labels[2]));
            handshake.WithLabels(labels).Set(peer.LastHandshakeAt / 1e6);
            seen.WithLabels(labels).Set(peer.LastSeenAt / 1e6);
            up.WithLabels(labels).Set(PeerStatusRule.Status(peer, host, now) == PeerStatus.Online ? 1 : 0);
            originalEvents.WithLabels(labels[2], "Handshake", labels[0], labels[1]).IncTo(peer.Handshakes);
            originalEvents.WithLabels(labels[2], "Keepalive", labels[0], labels[1]).IncTo(peer.Keepalives);
            originalChanges.WithLabels(labels[2], labels[0], labels[1]).IncTo(peer.EndpointChanges);
            if (peer.Endpoint.IsNone) continue;
            var where = (labels[0], labels[1], labels[2], peer.Endpoint.Address.ToString(), peer.Endpoint.Port.ToString());
            endpoints.Add(where);
            endpoint.WithLabels(where.Item1, where.Item2, where.Item3, where.Item4, where.Item5).Set(1);
        }
        foreach (var (host, device, peer) in shown.Except(current))
        {
            handshake.RemoveLabelled(host, device, peer);
            seen.RemoveLabelled(host, device, peer);
            up.RemoveLabelled(host, device, peer);
            originalEvents.RemoveLabelled(peer, "Handshake", host, device);
            originalEvents.RemoveLabelled(peer, "Keepalive", host, device);
            originalChanges.RemoveLabelled(peer, host, device);
        }
        foreach (var old in shownEndpoints.Except(endpoints)) endpoint.RemoveLabelled(old.Item1, old.Item2, old.Item3, old.Item4, old.Item5);
        (shown, shownEndpoints) = (current, endpoints);
    }
}
