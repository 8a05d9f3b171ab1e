namespace WgMonitor.Streams;

/// <summary>Lets one consumer sleep until a hint comes or time is up. A hint that comes before the wait is kept; many hints count as one.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource<bool>? waiter;
    private bool hinted;

    public void Set()
    {
        lock (gate)
        {
            // A waiter whose time is just up does not take the hint; it is for the next wait then.
            hinted = this.waiter?.TrySetResult(true) != true;
            this.waiter = null;
        }
    }

    /// <summary>True if a hint came, false if <paramref name="limit"/> passed.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
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
