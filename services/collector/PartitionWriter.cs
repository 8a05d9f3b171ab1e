using WgMonitor.Collector.Spool;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>
/// Brings the batches of one partition into the log, in order. Without a spool: take a batch, send it until it is appended, and only then is it safe. With
/// one, two things go on beside each other: batches are taken and written to disk, which makes them safe, and <see cref="SpoolDrain"/> sends them.
/// </summary>
/// <remarks>While the disk refuses or is full, and nothing waits on it, batches are sent as without a spool, so that order is kept and nothing crashes.</remarks>
internal sealed class PartitionWriter(
    int partition, EventBuffer buffer, BatchSender sender, PartitionSpool? spool, CollectorOptions options, CollectorMetrics metrics, TimeProvider time, ILogger logger)
{
    // Batches that share one flush of the disk.
    private const int FlushedTogetherMax = 16;

    private static readonly TimeSpan DiskPause = TimeSpan.FromMilliseconds(50);

    private readonly List<(EventBatch Batch, SpoolEntry Entry, long Events)> stored = [];
    private long lastNumber;
    private long accepted;

    /// <summary>Runs until the buffer is complete and empty, and what was spooled is sent or stays on disk.</summary>
    /// <param name="log">Ends when the log is there and of the shape that was configured.</param>
    /// <param name="giveUp">Cancelled when there is no time left: what is neither appended nor spooled then is lost.</param>
    public async Task RunAsync(Task log, CancellationToken giveUp)
    {
        if (spool is null)
        {
            // When it is cancelled, the batches are only counted.
            await log.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (log.IsFaulted) await log;
            await TakeAsync(giveUp);
            return;
        }
        Task[] both = [TakeAsync(giveUp), new SpoolDrain(partition, spool, sender, logger).RunAsync(log, giveUp)];
        await foreach (var ended in Task.WhenEach(both)) await ended;
    }

    private async Task TakeAsync(CancellationToken giveUp)
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
                accepted += batch.Count;
                if (spool is null) await SendAsync(batch, ++lastNumber, giveUp);
                else await StoreAsync(spool, batch, giveUp);
            }
            while (!more || buffer.HasFullBatch(partition));
            if (spool is not null) await FlushAsync(spool, giveUp);
        }
        while (more);
        spool?.Complete();
    }

    /// <summary>Gives other events the time to join the batch, unless somebody waits for it to be safe.</summary>
    private async Task ShareAsync()
    {
        using var shared = new CancellationTokenSource();
        await Task.WhenAny(Task.Delay(options.BatchAgeMax, time, shared.Token), buffer.HurriedAsync(partition));
        await shared.CancelAsync();
    }

    /// <summary>Without a spool, or past it.</summary>
    private async Task SendAsync(EventBatch batch, long number, CancellationToken giveUp)
    {
        var outcome = SendOutcome.Rewound;
        while (outcome == SendOutcome.Rewound)
        {
            outcome = await sender.SendAsync(batch, number, () => false, giveUp);
            // Nothing of what was appended is kept here.
            if (outcome == SendOutcome.Rewound) sender.RewoundForGood();
        }
        Sent(batch, number, outcome);
    }

    private void Sent(EventBatch batch, long number, SendOutcome outcome)
    {
        if (outcome == SendOutcome.Appended) buffer.Durable(new(partition, accepted));
        if (outcome == SendOutcome.Stopped)
        {
            metrics.Lost(batch.Count);
            CollectorLog.BatchLost(logger, partition, number, batch.Count, "stopped");
        }
        buffer.Settle(batch);
    }

    private async Task StoreAsync(PartitionSpool spool, EventBatch batch, CancellationToken giveUp)
    {
        var number = spool.NextNumber();
        while (true)
        {
            if (spool.TryStore(batch, number, out var entry))
            {
                stored.Add((batch, entry, accepted));
                if (options.Spool.Level != Durability.Fsync || stored.Count == FlushedTogetherMax) await FlushAsync(spool, giveUp);
                return;
            }
            // What was stored before must be sent before.
            await FlushAsync(spool, giveUp);
            if (spool.IsDrained || giveUp.IsCancellationRequested)
            {
                var outcome = await sender.SendAsync(batch, number, () => false, giveUp);
                if (outcome == SendOutcome.Rewound)
                {
                    if (!spool.Rewind(sender.Mark)) sender.RewoundForGood();
                    continue;
                }
                Sent(batch, number, outcome);
                return;
            }
            await sender.PauseAsync(DiskPause, giveUp);
        }
    }

    /// <summary>Makes what was stored as safe as the options ask for, says so, and gives it to the sender.</summary>
    private async Task FlushAsync(PartitionSpool spool, CancellationToken giveUp)
    {
        if (stored.Count == 0) return;
        var safe = await spool.FlushAsync();
        var last = stored[^1].Events;
        foreach (var (batch, entry, _) in stored) spool.HandOver(batch, entry);
        stored.Clear();
        // The disk may have lost it: it is safe once it is appended.
        while (!safe && !spool.IsDrained && !giveUp.IsCancellationRequested) await sender.PauseAsync(DiskPause, giveUp);
        if (safe || spool.IsDrained) buffer.Durable(new(partition, last));
    }
}
