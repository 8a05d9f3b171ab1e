namespace WgMonitor.Events;

/// <summary>The unit of every time in the log and in what is derived from it: microseconds since 1970-01-01T00:00:00Z.</summary>
public static class UnixMicroseconds
{
    /// <summary>Now.</summary>
    public static long Now(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>As a time; what a broken clock says beyond the years 1970 to 9999 is cut.</summary>
    public static DateTimeOffset ToTime(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(microseconds, 0, (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond);
}
