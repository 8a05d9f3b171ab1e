using Prometheus;
using WgMonitor.Archive;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Archiving;

/// <summary>What the archive does, counted and, where somebody should know at once, logged.</summary>
internal sealed class ArchiveMetrics(MetricFactory factory, ILogger<ArchiveMetrics> logger)
{
    /// <summary>The file system refused.</summary>
    public const string Disk = "disk";

    /// <summary>A file is not what was written.</summary>
    public const string Damaged = "damaged";

    private readonly Counter entries = factory.CreateCounter("wgmonitor_projector_archived_events_total", "Events written to the archive. Standing still while events come: look at archive_failures_total and the log.");

    private readonly Counter bytes = factory.CreateCounter("wgmonitor_projector_archived_bytes_total", "Size of the files they were written to. Rising faster than planned: make room, or set archive.keep.");

    private readonly Counter gaps = factory.CreateCounter(
        "wgmonitor_projector_archive_gaps_total", "Ranges of the log that were gone before they could be archived. Rising: look at the log for why.");

    private readonly Counter failures = factory.CreateCounter(
        "wgmonitor_projector_archive_failures_total", "Times a file could not be written, by reason; the log is not trimmed meanwhile. Rising: disk: it is full or failing; damaged: the log names the file.", ["reason"]).ShownAtZero([Disk, Damaged]);

    private readonly Gauge failing = factory.CreateGauge("wgmonitor_projector_archive_failing_partitions", "Partitions that this process could not archive the last time it tried. Above 0: /api/v1/status says why.");

    private readonly Dictionary<(string Reason, int Partition), string> told = [];

    public void Advanced(int partition, ArchiveStep step)
    {
        foreach (var key in told.Keys.Where(key => key.Partition == partition).ToList()) told.Remove(key);
        entries.Inc(step.Entries);
        bytes.Inc(step.Bytes);
        gaps.Inc(step.Gaps.Count);
        if (step.Files > 0) logger.Archived(step.Entries, partition, step.Files, step.Bytes, step.Last);
        foreach (var gap in step.Gaps) logger.ArchiveGap(partition, gap.After, gap.Before);
    }

    public void FailingNow(int partitions) => failing.Set(partitions);

    /// <summary>Counted each time, logged when it changes: it comes again every round.</summary>
    public void Failed(string reason, int partition, Exception exception)
    {
        failures.WithLabels(reason).Inc();
        if (told.GetValueOrDefault((reason, partition)) == exception.Message) return;
        told[(reason, partition)] = exception.Message;
        logger.ArchiveFailed(exception, partition, reason);
    }
}
