using System.Text;
using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Spool;
using WgMonitor.Collector.Trust;
using WgMonitor.ReadModel;

namespace WgMonitor.Collector.Status;

/// <summary>Puts together what a collector says of itself. Thread-safe; counts and samples are each of one moment.</summary>
internal sealed class StatusReport(string id, string machine, CollectorPipeline pipeline, EventBuffer buffer, CollectorSpool spool, CollectorMetrics metrics, ConnectionMetrics connections, CollectorRun run)
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
            id, machine, startedMicroseconds, nowMicroseconds, Lines(counts), [.. run.ListenerStatus().Take(CollectorStatus.ListenersMax)], Connections(),
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

    private CollectorConnections Connections()
    {
        var reasons = Enum.GetValues<CloseReason>();
        // What ended is read before what came: a connection that comes in between is none that ended unseen.
        var closed = reasons.Select(reason => (Reason: CloseReasons.Name(reason), Count: connections.ClosedTotal(reason))).Where(reason => reason.Count > 0)
            .ToDictionary(reason => reason.Reason, reason => reason.Count);
        var last = reasons.Where(reason => !CloseReasons.IsOrderly(reason)).Select(reason => (Reason: reason, End: connections.Last(reason))).Where(reason => reason.End is not null)
            .Select(reason => End(reason.Reason, reason.End!)).OrderByDescending(end => end.At);
        return new(connections.AcceptedTotal, connections.Table?.Count ?? 0, closed, [.. last]);
    }

    private static CollectorConnectionEnd End(CloseReason reason, ConnectionEnd end)
    {
        var detail = SampleRing.Escape(Encoding.UTF8.GetBytes(end.Detail ?? ""));
        return new(CloseReasons.Name(reason), end.Protocol, end.Listener.ToString(), end.Source.ToString(), end.AtMicroseconds, detail.Length > TextMax ? detail[..TextMax] : detail);
    }

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
