namespace WgMonitor.Streams;

/// <summary>Why nothing is trimmed by age.</summary>
public enum AgeSuspension
{
    /// <summary>It is trimmed by age.</summary>
    None,

    /// <summary>The newest ID lies in the future: the clock was ahead and went back, and IDs do not tell the age until it has caught up.</summary>
    IdsAhead,

    /// <summary>The clock was moved just now: what seems old may be new.</summary>
    ClockMoved,
}

/// <summary>
/// Whether the clock of the Redis server tells the age of entries. Compared with the steady clock of this process from one look to the next, so a jump is seen when
/// it happens; a time that stays is believed after an hour, for somebody has set a wrong clock right.
/// </summary>
internal sealed class RetentionClock(TimeProvider time)
{
    /// <summary>IDs are taken from the same clock, so they are never ahead of it; a little is left for clocks that are being slewed.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan JumpMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BelievedAfter = TimeSpan.FromHours(1);

    private (long Now, long At)? believed;
    private (long Offset, long Since)? moved;

    public AgeSuspension Judge(in LogExtent log)
    {
        var at = time.GetTimestamp();
        if (believed is not { } last)
        {
            believed = (log.Now, at);
        }
        else
        {
            var offset = log.Now - last.Now - (long)time.GetElapsedTime(last.At, at).TotalMilliseconds;
            if (Math.Abs(offset) < JumpMin.TotalMilliseconds)
            {
                (believed, moved) = ((log.Now, at), null);
            }
            else
            {
                // Another jump begins another hour.
                if (moved is not { } jump || Math.Abs(jump.Offset - offset) >= JumpMin.TotalMilliseconds) moved = (offset, at);
                if (time.GetElapsedTime(moved.Value.Since, at) < BelievedAfter) return AgeSuspension.ClockMoved;
                (believed, moved) = ((log.Now, at), null);
            }
        }
        return IsAhead(log) ? AgeSuspension.IdsAhead : AgeSuspension.None;
    }

    public static bool IsAhead(in LogExtent log) => log.Last.Milliseconds > log.Now + AheadMax.TotalMilliseconds;
}
