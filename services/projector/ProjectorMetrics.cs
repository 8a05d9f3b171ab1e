using System.Collections.Concurrent;
using System.Collections.Immutable;
using Prometheus;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>What the projector does, counted and, where somebody should know at once, logged.</summary>
internal sealed class ProjectorMetrics(MetricFactory factory, ILogger<ProjectorMetrics> logger)
{
    private readonly Counter events = factory.CreateCounter("wgmonitor_projector_events_total", "Events folded into peer state; compare with the collector's.");

    private readonly Counter peersWritten = factory.CreateCounter(
        "wgmonitor_projector_peers_written_total", "Peer hashes written; far fewer than events under load, since a batch writes a peer once.");

    private readonly Counter findings = factory.CreateCounter(
        "wgmonitor_projector_findings_total", "Conclusions of the fold by kind.", ["finding"]);

    private readonly Counter parked = factory.CreateCounter(
        "wgmonitor_projector_parked_total", "Entries that could not be applied and were kept aside; a newer collector may be running.", ["reason"]);

    private readonly Counter wrongTypes = factory.CreateCounter(
        "wgmonitor_projector_wrong_type_total", "Keys of ours that hold something else; another program writes under the same prefix.");

    private readonly Counter hostsRefused = factory.CreateCounter(
        "wgmonitor_projector_hosts_refused_total",
        "Events not applied because their host would be one more than state.hosts_max; somebody invents hosts, or raise it.");

    private readonly ToldOnce told = new();
    private readonly ConcurrentDictionary<int, bool> fullPartitions = new();

    public void Folded(int count, int peers)
    {
        events.Inc(count);
        peersWritten.Inc(peers);
    }

    public void Found(ImmutableArray<HostFinding> found)
    {
        foreach (var finding in found) findings.WithLabels(finding.GetType().Name).Inc();
    }

    public void Parked(StreamId id, string reason)
    {
        parked.WithLabels(reason).Inc();
        logger.EventParked(id, reason);
    }

    public void WrongType(string key) => Unreadable(key, KeyFault.WrongType);

    /// <summary>Counted each time, told once a key.</summary>
    public void Unreadable(string key, KeyFault fault)
    {
        wrongTypes.Inc();
        if (!told.IsFirst(key)) return;
        if (fault == KeyFault.WrongType) logger.WrongType(key);
        else logger.BrokenState(key);
    }

    /// <summary>Counted each time, told once a partition: names are invented as fast as datagrams can be sent.</summary>
    public void HostRefused(int partition, string host)
    {
        hostsRefused.Inc();
        if (fullPartitions.TryAdd(partition, true)) logger.HostRefused(host, partition);
    }
}
