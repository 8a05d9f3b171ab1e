namespace WgMonitor.Notifier;

/// <summary>What waits for one route in one partition, as the metrics show it. Safe to change and read at once.</summary>
internal sealed class RouteBacklog(string route, long pending)
{
    private long pending = pending;
    private long headMilliseconds;

    public string Route => route;

    /// <summary>Alerts not settled.</summary>
    public long Pending => Math.Max(0, Interlocked.Read(ref pending));

    /// <summary>When the event behind the alert in hand entered the log, Unix milliseconds; 0 when none is.</summary>
    public long HeadMilliseconds
    {
        get => Interlocked.Read(ref headMilliseconds);
        set => Interlocked.Exchange(ref headMilliseconds, value);
    }

    public void Added(int alerts) => Interlocked.Add(ref pending, alerts);

    public void Settled() => Interlocked.Decrement(ref pending);
}
