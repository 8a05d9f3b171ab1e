namespace WgMonitor.Collector;

/// <summary>Logs rejected and dropped lines, once a second and reason at most: a flood must not become a flood of log lines.</summary>
internal sealed class RefusalLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Time of the last log line, 0 before the first.
    private readonly long[] lastTimestamps = new long[LineOutcomes.Count];

    /// <param name="outcome">Rejected or dropped.</param>
    /// <param name="frame">The line; logged escaped and cut.</param>
    /// <param name="source">Sender as the transport saw it.</param>
    /// <param name="total">Lines with this outcome until now.</param>
    public void Note(LineOutcome outcome, ReadOnlySpan<byte> frame, in FrameSource source, long total)
    {
        var now = time.GetTimestamp();
        ref var last = ref lastTimestamps[(int)outcome];
        if (last != 0 && time.GetElapsedTime(last, now) < Interval) return;
        last = now;
        if (LineOutcomes.Kind(outcome) == LineOutcomeKind.Rejected)
            CollectorLog.LineRejected(logger, LineOutcomes.Reason(outcome), source.ToString(), total, SampleRing.Escape(frame));
        else
            CollectorLog.LineDropped(logger, LineOutcomes.Reason(outcome), source.ToString(), total);
    }
}
