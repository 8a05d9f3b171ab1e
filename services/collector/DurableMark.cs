namespace WgMonitor.Collector;

/// <summary>Where an event stands among the events of its partition that this process accepted.</summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Number">1 for the first.</param>
internal readonly record struct EventPosition(int Partition, long Number);

/// <summary>
/// How far the events of one partition are safe, and who waits for it: a transport that acknowledges does so only then. Thread-safe.
/// </summary>
internal sealed class DurableMark
{
    private readonly Lock gate = new();

    // One for each event however many wait for it: senders that come and go while nothing gets safe leave no more behind than there are events.
    private readonly SortedDictionary<long, TaskCompletionSource> waiting = [];
    private long number;

    /// <summary>Events up to this number, the first being 1, are safe.</summary>
    public long Number => Volatile.Read(ref number);

    /// <summary>Events that somebody waits for, or waited for.</summary>
    internal int WaitedFor
    {
        get
        {
            lock (gate) return waiting.Count;
        }
    }

    /// <summary>The events up to <paramref name="reached"/> are safe; a lower number than before changes nothing.</summary>
    public void Advance(long reached)
    {
        lock (gate)
        {
            if (reached <= number) return;
            Volatile.Write(ref number, reached);
            while (waiting.Count > 0 && waiting.First() is var (wanted, waiter) && wanted <= reached)
            {
                waiting.Remove(wanted);
                waiter.TrySetResult();
            }
        }
    }

    /// <summary>Ends when the event of this number is safe.</summary>
    public Task WaitAsync(long wanted, CancellationToken cancellationToken)
    {
        if (wanted <= Number) return Task.CompletedTask;
        lock (gate)
        {
            if (wanted <= number) return Task.CompletedTask;
            if (!waiting.TryGetValue(wanted, out var waiter)) waiting.Add(wanted, waiter = new(TaskCreationOptions.RunContinuationsAsynchronously));
            return waiter.Task.WaitAsync(cancellationToken);
        }
    }
}
