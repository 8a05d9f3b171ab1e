using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>
/// Facts about missing lines in front of the buffer of events, which they share with the lines: so they are spooled, sent and appended exactly once as lines
/// are. They wait here while there is no room. Bounded; not thread-safe.
/// </summary>
internal sealed class CoverageQueue(EventBuffer buffer, CoverageMetrics metrics, int waitingMax, TimeProvider time)
{
    private readonly Queue<CoverageFact> waiting = new();

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => waiting.Count == 0;

    public void Add(in CoverageFact fact)
    {
        if (waiting.Count < waitingMax) waiting.Enqueue(fact);
        else metrics.Dropped(fact.Kind);
    }

    /// <summary>Writes what there is room for.</summary>
    public void Flush()
    {
        while (waiting.TryPeek(out var fact) && TryWrite(fact))
        {
            waiting.Dequeue();
            metrics.Told(fact);
        }
    }

    private bool TryWrite(in CoverageFact fact)
    {
        var now = UnixMicroseconds.Now(time);
        Span<byte> reason = stackalloc byte[fact.Reason.Length];
        Encoding.ASCII.GetBytes(fact.Reason, reason);
        var fields = new EventFields
        {
            Kind = fact.Kind,
            Host = fact.Host.Name,
            At = now,
            Received = now,
            Trust = fact.Trust,
            Text = reason,
            Count = fact.Count,
            From = Math.Max(0, fact.From),
            To = Math.Max(0, fact.To),
            Usual = fact.Usual,
        };
        return buffer.TryWrite(fact.Host.Partition, fields, out _);
    }
}
