using System.Diagnostics;

namespace WgMonitor.Testing;

/// <summary>How fast a sender may go. Zero is no limit.</summary>
public readonly record struct Pace(double MessagesPerSecond, double BytesPerSecond)
{
    public static Pace Unlimited => default;

    public static Pace Messages(double perSecond) => new(perSecond, 0);

    public static Pace Bytes(double perSecond) => new(0, perSecond);

    /// <summary>A clock that starts now.</summary>
    public PaceMeter Start() => new(this);
}

/// <summary>Holds back a sender that is ahead of its <see cref="Pace"/>; a late one may catch up at most a tenth of a second.</summary>
public sealed class PaceMeter(Pace pace)
{
    private const double CatchUpSeconds = 0.1;

    private readonly long start = Stopwatch.GetTimestamp();
    private double dueSeconds;

    /// <summary>Accounts one message and waits while the sender is more than a timer tick ahead.</summary>
    public ValueTask AfterAsync(int bytes, CancellationToken cancellationToken)
    {
        double cost = 0;
        if (pace.MessagesPerSecond > 0)
            cost = 1 / pace.MessagesPerSecond;
        if (pace.BytesPerSecond > 0)
            cost = Math.Max(cost, bytes / pace.BytesPerSecond);
        if (cost == 0)
            return ValueTask.CompletedTask;

        double now = Stopwatch.GetElapsedTime(start).TotalSeconds;
        dueSeconds = Math.Max(dueSeconds, now - CatchUpSeconds) + cost;
        double ahead = dueSeconds - now;
        return ahead < 0.001 ? ValueTask.CompletedTask : new ValueTask(Task.Delay(TimeSpan.FromSeconds(ahead), cancellationToken));
    }
}
