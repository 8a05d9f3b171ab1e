using WgMonitor.Collector.Spool;
using WgMonitor.Collector.Trust;
using WgMonitor.ReadModel;

namespace WgMonitor.Collector.Status;

/// <summary>Puts together what a collector says of itself. Thread-safe; counts and samples are each of one moment.</summary>
internal sealed class StatusReport(string id, string machine, CollectorPipeline pipeline, EventBuffer buffer, CollectorSpool spool, CollectorMetrics metrics, CollectorRun run)
{
    /// <summary>Longer texts are cut here, inside an escape or not: they are to be looked at.</summary>
    private const int TextMax = 256;

    /// <summary>How it is now.</summary>
    /// <param name="startedMicroseconds">Start of the process, Unix microseconds.</param>
    /// <param name="nowMicroseconds">Now, Unix microseconds.</param>
    public CollectorStatus Of(long startedMicroseconds, long nowMicroseconds)
    {
        var counts = new LineCounts();
        pipeline.ReadCounts(counts);
        var spooled = spool.Status;
        return new(
            id, machine, startedMicroseconds, nowMicroseconds, Lines(counts), [.. run.ListenerStatus().Take(CollectorStatus.ListenersMax)],
            spooled.Durability.ToString().ToLowerInvariant(), Spool(spooled), Samples());
    }

    private static CollectorSpoolStatus? Spool(SpoolStatus spool) => spool.Durability == Durability.Memory ? null : new(
        spool.Segments, spool.Bytes, spool.BytesMax, spool.BatchesWaiting, spool.EventsWaiting, spool.OldestAge.TotalSeconds, spool.DamagedRecords, spool.DroppedEvents,
        spool.WriteFailures, spool.IsWritable, spool.IsFull);

    private CollectorLines Lines(LineCounts counts)
    {
        var (appended, lost) = metrics.Settled;
        return new(
            counts.Received, counts.Of(LineOutcome.Event), ByReason(counts, LineOutcomeKind.Ignored), ByReason(counts, LineOutcomeKind.Rejected),
            ByReason(counts, LineOutcomeKind.Dropped),
            CardinalityLimits.All.Where(limit => counts.Of(limit) > 0).ToDictionary(CardinalityLimits.Label, counts.Of),
            appended, buffer.EventCount, lost, counts.FacilityMismatches, counts.ClaimedHosts, counts.Unrecognized);
    }

    private static Dictionary<string, long> ByReason(LineCounts counts, LineOutcomeKind kind) => Enum.GetValues<LineOutcome>()
        .Where(outcome => LineOutcomes.Kind(outcome) == kind && counts.Of(outcome) > 0).ToDictionary(LineOutcomes.Reason, counts.Of);

    /// <summary>Some of every reason before more of any: the rings of all reasons together would be too much.</summary>
    private CollectorSample[] Samples()
    {
        var kept = pipeline.ReadRejected().GroupBy(line => line.Outcome, line => line.Line).Select(reason => (Kind(reason.Key), LineOutcomes.Reason(reason.Key), reason.AsEnumerable()))
            .Append((CollectorSample.Unrecognized, "", pipeline.ReadUnrecognized()))
            .SelectMany(ring => ring.Item3.Reverse().Select((line, age) => (Age: age, Sample: Sample(ring.Item1, ring.Item2, line))));
        return [.. kept.OrderBy(sample => sample.Age).Take(CollectorStatus.SamplesMax).Select(sample => sample.Sample).OrderByDescending(sample => sample.ReceivedAt)];
    }

    private static string Kind(LineOutcome outcome) => LineOutcomes.Kind(outcome) == LineOutcomeKind.Dropped ? CollectorSample.Dropped : CollectorSample.Rejected;

    private static CollectorSample Sample(string kind, string reason, LineSample line) =>
        new(kind, reason, line.Source, line.ReceivedMicroseconds, line.Text.Length > TextMax ? line.Text[..TextMax] : line.Text);
}
