using WgMonitor.Collector.Coverage;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>What became of a batch that was sent until something became of it.</summary>
internal enum SendOutcome
{
    /// <summary>It stands in the log.</summary>
    Appended,

    /// <summary>The log lost what stood before it, see <see cref="BatchSender.Mark"/>.</summary>
    Rewound,

    /// <summary>It was not appended, and there is no time left.</summary>
    Stopped,

    /// <summary>It never will be.</summary>
    Lost,
}

/// <summary>
/// Sends the batches of one partition, in order: the same batch under the same number until Redis says that it stands in the log. That is what makes
/// an append exactly-once, see <see cref="EventAppender"/>.
/// </summary>
internal sealed class BatchSender(
    int partition, string producer, EventAppender appender, CollectorOptions options, TimeSpan markTtl, CollectorMetrics metrics, SpoolMetrics spoolMetrics, Rewinds rewinds, TimeProvider time,
    Random random, ILogger logger)
{
    // The script could not unpack the batch: a bug, and the same batch would fail for ever while the partition stands still.
    private const string Malformed = "malformed";

    private readonly AppendTimes times = new(time);
    private long highest;
    private long markAt;

    /// <summary>The last batch that is known to stand in the log; 0 for none.</summary>
    public long Mark { get; private set; }

    // A mark that nobody renewed is forgotten; that is no loss.
    private long KnownMark => time.GetElapsedTime(markAt) < markTtl ? Mark : 0;

    /// <summary>Asks Redis for <see cref="Mark"/> until it answers; false when there is no time left.</summary>
    public async Task<bool> ReadMarkAsync(CancellationToken giveUp)
    {
        for (var pause = options.RetryPauseMin; !giveUp.IsCancellationRequested; pause = Longer(pause))
        {
            try
            {
                if (await appender.ReadMarkAsync(partition, producer, giveUp) is { } mark)
                {
                    Moved(mark);
                    return true;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            await PauseAsync(pause, giveUp);
        }
        return false;
    }

    /// <summary>Sends the batch until something becomes of it.</summary>
    /// <param name="batch">Not changed.</param>
    /// <param name="number">Higher than <see cref="Mark"/>.</param>
    /// <param name="mayStop">True when the batch is safe elsewhere and nobody waits for it: then one failure is enough.</param>
    /// <param name="giveUp">There is no time left.</param>
    public async Task<SendOutcome> SendAsync(EventBatch batch, long number, Func<bool> mayStop, CancellationToken giveUp)
    {
        var pause = options.RetryPauseMin;
        for (var tries = 1; ; tries++)
        {
            var (outcome, reason) = await TryAsync(batch, number, giveUp);
            if (outcome == SendOutcome.Appended)
            {
                metrics.Appended(batch.Count);
                if (tries > 1) CollectorLog.AppendRecovered(logger, partition, number, tries);
            }
            if (outcome == SendOutcome.Lost)
            {
                metrics.Lost(batch.Count);
                CollectorLog.BatchLost(logger, partition, number, batch.Count, reason);
            }
            if (outcome is { } final) return final;
            if (giveUp.IsCancellationRequested || mayStop()) return SendOutcome.Stopped;
            if (tries == 1 || pause == options.RetryPauseMax) CollectorLog.AppendRetried(logger, partition, number, batch.Count, reason);
            await PauseAsync(pause, giveUp);
            pause = Longer(pause);
        }
    }

    /// <summary>
    /// Sends batches that follow each other without waiting for one to be appended before the next is on its way, once. How many, from the first on, stand in the
    /// log then; the others are to be sent by <see cref="SendAsync"/>, in order, whatever became of them.
    /// </summary>
    /// <remarks>Each names the one before, so that none is appended past one that was not.</remarks>
    /// <param name="batches">With rising numbers, the first higher than <see cref="Mark"/>. Not changed.</param>
    /// <param name="giveUp">There is no time left.</param>
    public async Task<int> SendTogetherAsync(IReadOnlyList<SpooledBatch> batches, CancellationToken giveUp)
    {
        var before = KnownMark;
        var sent = new Task<bool>[batches.Count];
        for (var i = 0; i < sent.Length; i++)
        {
            var number = batches[i].Entry.Number;
            highest = Math.Max(highest, number);
            sent[i] = IsAppendedAsync(batches[i].Batch, number, before, giveUp);
            before = number;
        }
        var appended = (await Task.WhenAll(sent)).TakeWhile(each => each).Count();
        foreach (var (batch, entry, _) in batches.Take(appended))
        {
            metrics.Appended(batch.Count);
            Moved(entry.Number);
            times.Appended(entry.Number);
        }
        return appended;
    }

    private async Task<bool> IsAppendedAsync(EventBatch batch, long number, long before, CancellationToken giveUp)
    {
        var start = time.GetTimestamp();
        try
        {
            var outcome = await appender.AppendAsync(partition, producer, number, before, batch, giveUp);
            metrics.AppendTried(time.GetElapsedTime(start));
            return outcome is AppendOutcome.Appended;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<(SendOutcome? Outcome, string Reason)> TryAsync(EventBatch batch, long number, CancellationToken giveUp)
    {
        if (giveUp.IsCancellationRequested) return (SendOutcome.Stopped, "stopped");
        var start = time.GetTimestamp();
        try
        {
            highest = Math.Max(highest, number);
            var outcome = await appender.AppendAsync(partition, producer, number, KnownMark, batch, giveUp);
            metrics.AppendTried(time.GetElapsedTime(start));
            switch (outcome)
            {
                case AppendOutcome.Appended:
                    Moved(number);
                    times.Appended(number);
                    return (SendOutcome.Appended, "");
                case AppendOutcome.AlreadyAppended already when already.Mark > highest:
                    SpoolLog.Foreign(logger, partition, already.Mark);
                    return (SendOutcome.Lost, "foreign");
                case AppendOutcome.AlreadyAppended:
                    Moved(number);
                    return (SendOutcome.Appended, "");
                case AppendOutcome.Rewound rewound:
                    SpoolLog.Rewound(logger, partition, rewound.Mark);
                    spoolMetrics.Rewound();
                    Moved(rewound.Mark);
                    return (SendOutcome.Rewound, "");
                case AppendOutcome.Refused { Reason: Malformed }:
                    return (SendOutcome.Lost, Malformed);
                case AppendOutcome.Refused refused:
                    return (null, refused.Reason);
                case AppendOutcome.Retry retry:
                    return (null, retry.Reason);
                default:
                    throw new InvalidOperationException($"unknown outcome {outcome}");
            }
        }
        catch (OperationCanceledException)
        {
            return (SendOutcome.Stopped, "stopped");
        }
    }

    /// <summary>The log ends at <see cref="Mark"/>, and what followed cannot be sent again: it is missing.</summary>
    public void RewoundForGood() => rewinds.Add(new(partition, times.Before(Mark), UnixMicroseconds.Now(time)));

    private void Moved(long mark)
    {
        (Mark, markAt) = (mark, time.GetTimestamp());
        highest = Math.Max(highest, mark);
    }

    private TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, options.RetryPauseMax.Ticks));

    /// <summary>Waits between half the pause and the whole, so that many collectors do not come back at one moment.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken giveUp)
    {
        double share;
        lock (random) share = 0.5 + random.NextDouble() / 2;
        await Task.Delay(pause * share, time, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
