using System.Collections.Immutable;
using Prometheus;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>What the projector does, counted and, where somebody should know at once, logged.</summary>
internal sealed class ProjectorMetrics(MetricFactory factory, ILogger<ProjectorMetrics> logger)
{
    private readonly Counter events = factory.CreateCounter("wgmonitor_projector_events_total", "Events folded into peer state. Behind the collectors' events_total for long: it is too slow, or stands still; look at its log.");

    private readonly Counter peersWritten = factory.CreateCounter(
        "wgmonitor_projector_peers_written_total", "Peer hashes written; far fewer than events under load, since a batch writes a peer once. Standing still while events are applied: report it with the log.");

    private readonly Counter findings = factory.CreateCounter(
        "wgmonitor_projector_findings_total", "Conclusions of the fold by kind. A kind rising sharply: look at the peers, GET /api/v1/alerts tells of whom.", ["finding"]);

    private readonly Counter parked = factory.CreateCounter(
        "wgmonitor_projector_parked_total", "Entries that could not be applied and were kept aside. Rising: a newer collector may be running; wgmonitor parked lists them.", ["reason"]).ShownAtZero(ParkReason.All);

    private readonly Gauge parkedEntries = factory.CreateGauge("wgmonitor_projector_parked_entries", "Entries parked now, by who could not apply them. Above 0: wgmonitor parked list.", ["group"]);

    private readonly Gauge parkedLost = factory.CreateGauge(
        "wgmonitor_projector_parked_lost_entries", "Entries that could not be applied and are not kept either, because there were more than parked_max. Above 0: raise it; wgmonitor parked discard --all takes note.", ["group"]);

    private readonly Counter leftOut = factory.CreateCounter(
        "wgmonitor_projector_base_left_out_total", "Entries that could not be folded into the base snapshot and that the projector had not parked. Above 0: report it with the log.");

    private readonly Counter lossesTold = factory.CreateCounter(
        "wgmonitor_projector_losses_told_total", "Events appended because events of a host are missing or may be, one a host: entries-trimmed or history-rewound. Rising: look at /api/v1/status for why.", ["event"]);

    private readonly Counter historyPoints = factory.CreateCounter("wgmonitor_projector_history_points_total", "History points written. Standing still while events come: nobody can ask for the time since.");

    private readonly Counter historyFailures = factory.CreateCounter(
        "wgmonitor_projector_history_failures_total", "Rounds in which history points could not be written, a partition each. Rising: look at the log.");

    /// <summary>What keeps it from holding the state it should.</summary>
    public StateTrouble Trouble { get; } = new(factory, "projector", logger);

    public void Folded(int count, int peers)
    {
        events.Inc(count);
        peersWritten.Inc(peers);
    }

    public void Found(ImmutableArray<HostFinding> found)
    {
        foreach (var finding in found) findings.WithLabels(finding.GetType().Name).Inc();
    }

    public void HistoryPointsWritten(int count) => historyPoints.Inc(count);

    public void HistoryPointsLate(int partition, Exception exception)
    {
        historyFailures.Inc();
        logger.HistoryPointsLate(exception, partition);
    }

    public void ParkedNow(string group, ParkedCounts counts)
    {
        parkedEntries.WithLabels(group).Set(counts.Waiting);
        parkedLost.WithLabels(group).Set(counts.Lost);
    }

    public void LossTold(EventKind kind, int partition, int hosts)
    {
        var word = kind == EventKind.HistoryRewound ? "history-rewound" : "entries-trimmed";
        lossesTold.WithLabels(word).Inc(hosts);
        logger.LossTold(partition, hosts, word);
    }

    /// <summary>The base snapshot is without these, and goes on.</summary>
    public void LeftOutOfBase(int partition, long count, IReadOnlyList<StreamId> first)
    {
        if (count == 0) return;
        leftOut.Inc(count);
        logger.LeftOutOfBase(partition, count, first[0]);
    }

    /// <summary>Not each change of a peer: that is a part of its writing.</summary>
    public void LegacyHashesWritten(string host, int count) => logger.LegacyHashesWritten(count, host);

    public void Parked(StreamId id, string reason)
    {
        parked.WithLabels(reason).Inc();
        logger.EventParked(id, reason);
    }
}
