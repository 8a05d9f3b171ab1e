using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>
/// Appends the batches of one partition in order, one at a time: the same batch under the same number until Redis says that it stands in the log.
/// That is what makes an append exactly-once, see <see cref="EventAppender"/>.
/// </summary>
internal sealed class PartitionWriter(
    int partition, string producer, EventBuffer buffer, EventAppender appender, CollectorOptions options, CollectorMetrics metrics, TimeProvider time, Random random, ILogger logger)
{
    private long batchNumber;
    private long eventsSettled;

    /// <summary>Runs until the buffer is complete and empty.</summary>
    /// <param name="giveUp">Cancelled when there is no time left: what is not appended then is lost.</param>
    public async Task RunAsync(CancellationToken giveUp)
    {
        bool more;
        do
        {
            more = await buffer.WaitAsync(partition, CancellationToken.None);
            // Others may come within the batch's age. Not so in a backlog, and not when nothing will come any more.
            if (more && !buffer.HasFullBatch(partition) && options.BatchAgeMax > TimeSpan.Zero) await ShareAsync();
            do
            {
                if (buffer.Take(partition) is not { } batch) break;
                await AppendAsync(batch, giveUp);
                buffer.Settle(batch);
            }
            while (!more || buffer.HasFullBatch(partition));
        }
        while (more);
    }

    /// <summary>Gives other events the time to join the batch, unless somebody waits for it to be safe.</summary>
    private async Task ShareAsync()
    {
        using var shared = new CancellationTokenSource();
        await Task.WhenAny(Task.Delay(options.BatchAgeMax, time, shared.Token), buffer.HurriedAsync(partition));
        await shared.CancelAsync();
    }

    private async Task AppendAsync(EventBatch batch, CancellationToken giveUp)
    {
        batchNumber++;
        eventsSettled += batch.Count;
        var pause = options.RetryPauseMin;
        for (var tries = 1; ; tries++)
        {
            var (settled, reason) = await TryAppendAsync(batch, giveUp);
            if (settled)
            {
                metrics.Appended(batch.Count);
                buffer.Durable(new(partition, eventsSettled));
                if (tries > 1) CollectorLog.AppendRecovered(logger, partition, batchNumber, tries);
                return;
            }
            if (giveUp.IsCancellationRequested || reason == Malformed)
            {
                metrics.Lost(batch.Count);
                CollectorLog.BatchLost(logger, partition, batchNumber, batch.Count, reason);
                return;
            }
            if (tries == 1 || pause == options.RetryPauseMax) CollectorLog.AppendRetried(logger, partition, batchNumber, batch.Count, reason);
            await PauseAsync(pause, giveUp);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, options.RetryPauseMax.Ticks));
        }
    }

    // The script could not unpack the batch: a bug, and the same batch would fail for ever while the partition stands still.
    private const string Malformed = "malformed";

    private async Task<(bool Settled, string Reason)> TryAppendAsync(EventBatch batch, CancellationToken giveUp)
    {
        if (giveUp.IsCancellationRequested) return (false, "stopped");
        var start = time.GetTimestamp();
        try
        {
            var outcome = await appender.AppendAsync(partition, producer, batchNumber, batch, giveUp);
            metrics.AppendTried(time.GetElapsedTime(start));
            return outcome switch
            {
                AppendOutcome.Retry retry => (false, retry.Reason),
                AppendOutcome.Refused refused => (false, refused.Reason),
                _ => (true, ""),
            };
        }
        catch (OperationCanceledException)
        {
            return (false, "stopped");
        }
    }

    /// <summary>Waits between half the pause and the whole, so that many collectors do not come back at one moment.</summary>
    private async Task PauseAsync(TimeSpan pause, CancellationToken giveUp)
    {
        double share;
        lock (random) share = 0.5 + random.NextDouble() / 2;
        await Task.Delay(pause * share, time, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
