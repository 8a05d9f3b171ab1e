using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>When the latest batches of a partition were appended, one a second: tells since when lines are gone when Redis lost the end of the log. Not thread-safe.</summary>
internal sealed class AppendTimes(TimeProvider time)
{
    // Ten minutes: no fsync and no replica lags so far behind.
    private const int SamplesMax = 600;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Queue<(long Number, long At)> samples = new();
    private readonly long startedAt = UnixMicroseconds.Now(time);
    private long sampledAt;

    /// <summary>The batch stands in the log.</summary>
    public void Appended(long number)
    {
        if (samples.Count > 0 && time.GetElapsedTime(sampledAt) < Interval) return;
        sampledAt = time.GetTimestamp();
        if (samples.Count == SamplesMax) samples.Dequeue();
        samples.Enqueue((number, UnixMicroseconds.Now(time)));
    }

    /// <summary>A moment, the latest known, at which the log ended at this batch or before; Unix microseconds.</summary>
    public long Before(long number) => samples.Where(sample => sample.Number <= number).Select(sample => sample.At).Append(startedAt).Max();
}
