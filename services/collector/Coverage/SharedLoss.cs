namespace WgMonitor.Collector.Coverage;

/// <summary>Losses of which only the number is known, not whose: gathered, and told of all hosts once a minute while they go on. Not thread-safe.</summary>
internal sealed class SharedLoss(string reason)
{
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private long total;
    private long? toldAt;

    /// <summary>One of <see cref="Events.LossReasons"/>.</summary>
    public string Reason => reason;

    /// <summary>Lines lost and not yet told.</summary>
    public long Waiting { get; private set; }

    /// <summary>Since when, Unix microseconds.</summary>
    public long From { get; private set; }

    /// <summary>Until when.</summary>
    public long To { get; private set; }

    /// <summary>Takes what a counter says now.</summary>
    /// <param name="count">Since the start.</param>
    /// <param name="from">When it was looked at last, or what was lost began earlier.</param>
    /// <param name="to">Now.</param>
    public void Count(long count, long from, long to)
    {
        if (count <= total) return;
        if (Waiting == 0) From = from;
        (Waiting, To, total) = (Waiting + count - total, to, count);
    }

    /// <summary>True when it is time to tell; then it counts as told.</summary>
    public bool TryTake(TimeProvider time, out long lines)
    {
        lines = Waiting;
        if (Waiting == 0 || (toldAt is { } at && time.GetElapsedTime(at) < ToldEvery)) return false;
        (Waiting, toldAt) = (0, time.GetTimestamp());
        return true;
    }
}
