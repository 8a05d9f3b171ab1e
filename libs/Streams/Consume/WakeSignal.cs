namespace WgMonitor.Streams;

/// <summary>Lets one consumer sleep until a hint comes or time is up. A hint that comes before the wait is kept; many hints count as one.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource<bool>? waiter;
    private bool hinted;

    /// <summary>Gives the hint. Who waits goes on before this returns, on the caller's thread, up to its next wait.</summary>
    public void Set()
    {
        TaskCompletionSource<bool>? waiter;
        lock (gate)
        {
            waiter = this.waiter;
            this.waiter = null;
            hinted = waiter is null;
        }

        // A waiter whose time is just up does not take the hint; it is for the next wait then.
        if (waiter?.TrySetResult(true) != false) return;
        lock (gate) hinted = true;
    }

    /// <summary>True if a hint came, false if <paramref name="limit"/> passed.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<bool>();
        lock (gate)
        {
            if (hinted)
            {
                hinted = false;
                return true;
            }

            this.waiter = waiter;
        }

        await using var timer = time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiter, limit, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        await using var cancellation = cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetCanceled(), waiter).ConfigureAwait(false);
        try
        {
            return await waiter.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
                if (this.waiter == waiter) this.waiter = null;
        }
    }
}
