using Prometheus;

namespace WgMonitor.Collector.Spool;

/// <summary>Series of the spool, copied from its counts before each scrape.</summary>
public sealed class SpoolMetrics
{
    private readonly Gauge bytes;
    private readonly Gauge segments;
    private readonly Gauge batches;
    private readonly Gauge events;
    private readonly Gauge oldest;
    private readonly Counter damaged;
    private readonly Counter dropped;
    private readonly Counter writeFailures;
    private readonly Counter rewinds;
    private readonly CollectorRegistry registry;

    /// <summary>Registers the series.</summary>
    public SpoolMetrics(CollectorRegistry registry)
    {
        this.registry = registry;
        var factory = Metrics.WithCustomRegistry(registry);
        bytes = factory.CreateGauge("wgmonitor_collector_spool_bytes", "Size of the spool on disk. Near collector.spool.bytes_max: Redis is away or too slow for too long.");
        segments = factory.CreateGauge("wgmonitor_collector_spool_segments", "Files of the spool. Rising with the spool's bytes: Redis is away or too slow.");
        batches = factory.CreateGauge("wgmonitor_collector_spool_waiting_batches", "Batches in the spool that are not known to stand in the log. Rising: Redis is away or too slow.");
        events = factory.CreateGauge("wgmonitor_collector_spool_waiting_events", "Events in the spool that are not known to stand in the log. Rising: Redis is away or too slow.");
        oldest = factory.CreateGauge("wgmonitor_collector_spool_oldest_seconds", "Age of the oldest batch that waits. Near collector.spool.age_max: lines are about to be given up.");
        damaged = factory.CreateCounter("wgmonitor_collector_spool_damaged_records_total", "Records of the spool that were skipped: torn (cut off by a crash) or corrupt. corrupt rising: the disk is failing.", ["kind"]);
        dropped = factory.CreateCounter("wgmonitor_collector_spool_dropped_events_total", "Spooled events given up, by reason: full, age or corrupt. Rising: full and age: Redis was away for too long, or raise collector.spool.bytes_max and age_max; corrupt: the disk is failing.", ["reason"]);
        writeFailures = factory.CreateCounter("wgmonitor_collector_spool_write_failures_total", "Writes that the disk refused. Rising: it is full or failing; lines are then only as safe as in memory.");
        rewinds = factory.CreateCounter("wgmonitor_collector_spool_rewinds_total", "Times Redis came back with less than it had, a partition each; what the spool still held was sent again. Rising: look at persistence and failover of Redis.");
    }

    /// <summary>Ties the series to their source; call once.</summary>
    internal void Observe(CollectorSpool spool) => registry.AddBeforeCollectCallback(() =>
    {
        var (status, counts) = (spool.Status, spool.Counts);
        bytes.Set(status.Bytes);
        segments.Set(status.Segments);
        batches.Set(status.BatchesWaiting);
        events.Set(status.EventsWaiting);
        oldest.Set(status.OldestAge.TotalSeconds);
        damaged.WithLabels("torn").IncTo(counts.Torn);
        damaged.WithLabels("corrupt").IncTo(counts.Corrupt);
        dropped.WithLabels("full").IncTo(counts.DroppedFull);
        dropped.WithLabels("age").IncTo(counts.DroppedAge);
        dropped.WithLabels("corrupt").IncTo(counts.DroppedCorrupt);
        writeFailures.IncTo(counts.WriteFailures);
    });

    internal void Rewound() => rewinds.Inc();
}
