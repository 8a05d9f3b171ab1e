using Prometheus;
using WgMonitor.Hosting;
using WgMonitor.Peers;

namespace WgMonitor.Api.Metrics;

/// <summary>
/// The names of wireguard-peer-monitoring, the tool this one replaces, with host and interface as further labels. Counted over the life of the
/// peer instead of the process.
/// </summary>
internal sealed class OriginalSeries
{
    private static readonly string[] EventLabels = ["peer", "event", "host", "interface"];
    private static readonly string[] PeerLabelNames = ["peer", "host", "interface"];
    private static readonly string[] Events = ["Handshake", "Keepalive"];

    private readonly Counter events;
    private readonly Gauge eventsCreated;
    private readonly Counter changes;
    private readonly Gauge changesCreated;

    public OriginalSeries(MetricFactory factory)
    {
        factory.CreateGauge("wg_peer_monitoring_app_version_info", "1 for the version that runs. Different versions for long: an upgrade has stopped half-way.", ["version"]).WithLabels($"v{ProductVersion.Text}").Set(1);
        events = factory.CreateCounter("wg_peer_monitoring_wg_wireguard_events_total", "Handshake and keepalive lines of a peer. Standing still: it is away, or its host sends no lines.", EventLabels);
        eventsCreated = factory.CreateGauge(
            "wg_peer_monitoring_wg_wireguard_events_created", "Since when the lines of a peer are counted, Unix time: its first line. Nothing to do; a new value is a new peer under the number.", EventLabels);
        changes = factory.CreateCounter("wg_peer_monitoring_wg_peer_changes_total", "Endpoint changes of a peer. Rising: it roams, or two devices share its key; its endpoint history shows which.", PeerLabelNames);
        changesCreated = factory.CreateGauge(
            "wg_peer_monitoring_wg_peer_changes_created", "Since when the endpoint changes of a peer are counted, Unix time: its first line. Nothing to do; a new value is a new peer under the number.", PeerLabelNames);
    }

    public void Set(PeerLabels labels, PeerState peer)
    {
        foreach (var name in Events)
        {
            events.WithLabels(labels.Peer, name, labels.Host, labels.Interface).IncTo(name == "Handshake" ? peer.Handshakes : peer.Keepalives);
            eventsCreated.WithLabels(labels.Peer, name, labels.Host, labels.Interface).Set(peer.FirstSeenAt / 1e6);
        }
        changes.WithLabels(labels.Peer, labels.Host, labels.Interface).IncTo(peer.EndpointChanges);
        changesCreated.WithLabels(labels.Peer, labels.Host, labels.Interface).Set(peer.FirstSeenAt / 1e6);
    }

    /// <summary>The next <see cref="Set"/> counts from 0, which Prometheus takes for a restart of the counter.</summary>
    public void Remove(PeerLabels labels)
    {
        foreach (var name in Events)
        {
            events.RemoveLabelled(labels.Peer, name, labels.Host, labels.Interface);
            eventsCreated.RemoveLabelled(labels.Peer, name, labels.Host, labels.Interface);
        }
        changes.RemoveLabelled(labels.Peer, labels.Host, labels.Interface);
        changesCreated.RemoveLabelled(labels.Peer, labels.Host, labels.Interface);
    }
}
