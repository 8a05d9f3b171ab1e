namespace WgMonitor.Streams;

/// <summary>Lets one consumer sleep until a hint comes or time is up. A hint that comes before the wait is kept; many hints count as one.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<bool>? _waiter;
    private bool _hinted;

    public void Set()
    {
        lock (_lock)
        {
            // A waiter whose time is just up does not take the hint; it is for the next wait then.
            _hinted = _waiter?.TrySetResult(true) != true;
            _waiter = null;
        }
    }

    /// <summary>True if a hint came, false if <paramref name="limit"/> passed.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_hinted)
            {
                _hinted = false;
                return true;
            }

            _waiter = waiter;
        }

        await using var timer = time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiter, limit, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        await using var cancellation = cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetCanceled(), waiter).ConfigureAwait(false);
        try
        {
            return await waiter.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                if (_waiter == waiter) _waiter = null;
        }
    }
}
