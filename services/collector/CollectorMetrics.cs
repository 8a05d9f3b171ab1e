using Prometheus;
using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Trust;

namespace WgMonitor.Collector;

/// <summary>
/// Series of the collector. The line counters are kept by the pipeline and copied here under its lock before each scrape, so that
/// received = events + ignored + rejected + dropped holds in what a scrape shows.
/// </summary>
public sealed class CollectorMetrics
{
    private readonly Counter received;
    private readonly Counter events;
    private readonly Counter ignored;
    private readonly Counter rejected;
    private readonly Counter dropped;
    private readonly Counter facilityMismatches;
    private readonly Counter cardinality;
    private readonly Counter claimedHosts;
    private readonly Counter unrecognized;
    private readonly Gauge known;
    private readonly Counter headerTimes;
    private readonly Counter appended;
    private readonly Counter lost;
    private readonly Gauge bufferedEvents;
    private readonly Gauge bufferedBytes;
    private readonly Counter socketDrops;
    private readonly Histogram appendSeconds;
    private readonly CollectorRegistry registry;

    // Reused by every scrape; the library runs its callbacks one scrape at a time or not, so a lock guards them.
    private readonly Lock scrape = new();
    private readonly LineCounts lines = new();

    /// <summary>Registers the series.</summary>
    public CollectorMetrics(CollectorRegistry registry)
    {
        this.registry = registry;
        var factory = Metrics.WithCustomRegistry(registry);
        string[] none = [], reason = ["reason"];
        received = factory.CreateCounter("wgmonitor_collector_lines_received_total", "Lines received. Always the sum of events, ignored, rejected and dropped. Standing still: wgmonitor doctor says whether anything arrives.", none);
        events = factory.CreateCounter("wgmonitor_collector_events_total", "Lines that became an event, appended or still buffered. Standing still while lines come: wgmonitor doctor says why.", none);
        ignored = factory.CreateCounter("wgmonitor_collector_ignored_total", "Good lines that are no WireGuard events, by reason. High: filter at the sender.", reason);
        rejected = factory.CreateCounter("wgmonitor_collector_rejected_total", "Lines that are not what they should be, by reason. Rising: look at the samples in the log.", reason);
        dropped = factory.CreateCounter("wgmonitor_collector_dropped_total", "Lines lost here, by reason. buffer_full rising: Redis is away or too slow; rate_limited or cardinality: a flood, or limits that are too small.", reason);
        facilityMismatches = factory.CreateCounter("wgmonitor_collector_facility_mismatches_total", "Events from lines whose facility is not kern: written by a program, perhaps forged. Rising: find the sender; syslog = \"strict\" refuses such lines.", none);
        cardinality = factory.CreateCounter("wgmonitor_collector_cardinality_refused_total", "Lines dropped because they name somebody new beyond a limit. Rising: somebody invents hosts or peers, or raise collector.limits.", ["limit"]);
        claimedHosts = factory.CreateCounter("wgmonitor_collector_claimed_hosts_total", "Events whose line names another host than certificate or source say. Rising: a sender is misconfigured, or pretends.", none);
        unrecognized = factory.CreateCounter("wgmonitor_collector_unrecognized_total", "WireGuard lines in words that this version does not know. Rising: /api/v1/status shows samples; please report them.", none);
        known = factory.CreateGauge("wgmonitor_collector_known_identities", "Hosts, interfaces and peers heard of lately. Near collector.limits: new ones will be dropped.", ["kind"]);
        headerTimes = factory.CreateCounter("wgmonitor_collector_header_times_total", "Events by what the header's time was good for. skewed rising: a sender's clock is wrong, or it sends a backlog.", ["use"]);
        appended = factory.CreateCounter("wgmonitor_collector_events_appended_total", "Events that stand in the log. Standing still while events_total rises: look at Redis.", none);
        lost = factory.CreateCounter("wgmonitor_collector_events_lost_total", "Events accepted and never appended: Redis did not come back before the collector stopped. Rising: see that Redis works, and give the collector a spool.", none);
        bufferedEvents = factory.CreateGauge("wgmonitor_collector_buffered_events", "Events waiting to be appended. Near collector.buffer_events_max: Redis is away or too slow.", none);
        bufferedBytes = factory.CreateGauge("wgmonitor_collector_buffered_bytes", "Bytes of the events waiting to be appended. Near collector.buffer_bytes_max: Redis is away or too slow.", none);
        socketDrops = factory.CreateCounter("wgmonitor_collector_socket_drops_total", "Datagrams the kernel dropped because the socket buffer was full. Rising: raise receive_buffer_bytes and net.core.rmem_max, or send over TCP.", ["listener"]);
        appendSeconds = factory.CreateHistogram("wgmonitor_collector_append_seconds", "Time of one append call, retries counted singly. Rising: Redis or the network to it is slow.", none, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        foreach (var outcome in Enum.GetValues<LineOutcome>()) Child(outcome)?.Inc(0);
    }

    /// <summary>Ties the series to their sources; call once.</summary>
    internal void Observe(CollectorPipeline pipeline, EventBuffer buffer, IReadOnlyList<UdpSyslogListener> listeners) => registry.AddBeforeCollectCallback(() =>
    {
        lock (scrape)
        {
            pipeline.ReadCounts(lines);
            CopyLines();
        }
        var (hosts, interfaces, peers) = pipeline.ReadKnown();
        known.WithLabels("host").Set(hosts);
        known.WithLabels("interface").Set(interfaces);
        known.WithLabels("peer").Set(peers);
        bufferedEvents.Set(buffer.EventCount);
        bufferedBytes.Set(buffer.ByteCount);
        foreach (var listener in listeners) socketDrops.WithLabels($"udp {listener.LocalEndPoint}").IncTo(listener.Drops.Read());
    });

    /// <summary>Events appended, and events given up, since the start.</summary>
    internal (long Appended, long Lost) Settled => ((long)appended.Value, (long)lost.Value);

    internal void Appended(int count) => appended.Inc(count);

    internal void Lost(int count) => lost.Inc(count);

    internal void AppendTried(TimeSpan elapsed) => appendSeconds.Observe(elapsed.TotalSeconds);

    private void CopyLines()
    {
        received.IncTo(lines.Received);
        foreach (var outcome in Enum.GetValues<LineOutcome>()) Child(outcome)?.IncTo(lines.Of(outcome));
        foreach (var limit in CardinalityLimits.All) cardinality.WithLabels(CardinalityLimits.Label(limit)).IncTo(lines.Of(limit));
        claimedHosts.IncTo(lines.ClaimedHosts);
        unrecognized.IncTo(lines.Unrecognized);
        facilityMismatches.IncTo(lines.FacilityMismatches);
        foreach (var use in Enum.GetValues<HeaderTimeUse>()) headerTimes.WithLabels(UseLabel(use)).IncTo(lines.Of(use));
    }

    private ICounter? Child(LineOutcome outcome) => LineOutcomes.Kind(outcome) switch
    {
        LineOutcomeKind.Event => events,
        LineOutcomeKind.Ignored => ignored.WithLabels(LineOutcomes.Reason(outcome)),
        LineOutcomeKind.Rejected => rejected.WithLabels(LineOutcomes.Reason(outcome)),
        _ => dropped.WithLabels(LineOutcomes.Reason(outcome)),
    };

    private static string UseLabel(HeaderTimeUse use) => use switch
    {
        HeaderTimeUse.Used => "used",
        HeaderTimeUse.WithoutOffset => "without_offset",
        HeaderTimeUse.Skewed => "skewed",
        HeaderTimeUse.Invalid => "invalid",
        _ => "none",
    };
}
