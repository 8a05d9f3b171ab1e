namespace WgMonitor.Streams;

/// <summary>One partition in the hands of this process: its consumer's task and the two ways to end it.</summary>
internal sealed class OwnedSlot(int partition, LeaseGrant grant, CancellationTokenSource stopping, CancellationTokenSource lost, long renewedAt)
{
    private long? stoppedAt;

    public int Partition => partition;

    public LeaseGrant Grant => grant;

    public required PartitionConsumer Consumer { get; init; }

    /// <summary>Ends when nothing runs for the partition any more and the lease is given back, if it was still ours.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Monotonic time at which the last successful renewal was sent.</summary>
    public long RenewedAt { get; set; } = renewedAt;

    public bool IsStopping => stopping.IsCancellationRequested;

    public bool IsLost => lost.IsCancellationRequested;

    public CancellationToken Stopping => stopping.Token;

    public void Start(Func<OwnedSlot, Task> run) => Ended = run(this);

    /// <summary>Finish the batch in hand, then end.</summary>
    public void Stop(TimeProvider time)
    {
        stoppedAt ??= time.GetTimestamp();
        stopping.Cancel();
    }

    /// <summary>Time since <see cref="Stop"/>; zero if nobody asked.</summary>
    public TimeSpan StoppingFor(TimeProvider time) => stoppedAt is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>End now; nothing can be committed any more.</summary>
    public void Lose() => lost.Cancel();

    public void Dispose()
    {
        stopping.Dispose();
        lost.Dispose();
    }
}
