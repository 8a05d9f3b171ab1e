using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>The delivery workers of one owned partition, one a route, so that none waits for another; and the trimming of its outbox.</summary>
internal sealed class PartitionDelivery : IAsyncDisposable
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<DeliveryWorker> workers;
    private readonly AlertOutbox outbox;
    private readonly NotifierOptions options;
    private readonly NotifierMetrics metrics;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abort;
    private readonly Task ended;

    /// <param name="workers">One a route; none when the partition was lost already.</param>
    /// <param name="outbox">Of the partition.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="metrics">Shows what waits.</param>
    /// <param name="time">Paces the trimming.</param>
    /// <param name="lost">Ownership has ended: nothing more is sent.</param>
    public PartitionDelivery(IReadOnlyList<DeliveryWorker> workers, AlertOutbox outbox, NotifierOptions options, NotifierMetrics metrics, TimeProvider time, CancellationToken lost)
    {
        this.workers = workers;
        this.outbox = outbox;
        this.options = options;
        this.metrics = metrics;
        this.time = time;
        abort = CancellationTokenSource.CreateLinkedTokenSource(lost);
        foreach (var worker in workers) metrics.Watch(worker.Backlog);
        ended = Task.WhenAll([.. workers.Select(worker => worker.RunAsync(stopping.Token, abort.Token)), TrimAsync()]);
    }

    /// <summary>So many alerts were added to the outbox.</summary>
    public void Added(int alerts)
    {
        foreach (var worker in workers) worker.Wake(alerts);
    }

    /// <summary>Lets runs in hand finish for a moment, then ends. What was not written down is sent again by the next owner.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await using var drained = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), abort, options.DrainMax, Timeout.InfiniteTimeSpan);
        try
        {
            await ended;
        }
        finally
        {
            foreach (var worker in workers) metrics.Unwatch(worker.Backlog);
            await drained.DisposeAsync();
            abort.Dispose();
            stopping.Dispose();
        }
    }

    private void Stop() => stopping.Cancel();

    private async Task TrimAsync()
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, abort.Token);
        while (!either.IsCancellationRequested && workers.Count > 0)
        {
            await time.PauseAsync(TrimInterval, either.Token);
            try
            {
                while (await outbox.TrimAsync(options.OutboxEntriesMax, workers.MinBy(worker => worker.Cursor)!.Cursor, either.Token) > 0) { }
            }
            catch (Exception exception) when (RedisAway.Is(exception) || exception is OperationCanceledException)
            {
                // Weather: the next round trims.
            }
        }
    }
}
