using WgMonitor.Collector.Spool;

namespace WgMonitor.Collector;

/// <summary>Sends the spooled batches of one partition, in order, from where the log ends.</summary>
/// <remarks>
/// Batches that have piled up go together: where Redis is far away, one a round trip would be fewer than come in. They hold what came within
/// <see cref="CollectorOptions.BatchAgeMax"/> each, however many wait.
/// </remarks>
internal sealed class SpoolDrain(int partition, PartitionSpool spool, BatchSender sender, ILogger logger)
{
    private const int TogetherMax = 32;

    // What they take in memory, less one batch.
    private const int TogetherBytesMax = 1 << 20;

    private readonly List<SpooledBatch> taken = [];

    /// <summary>Runs until the spool is complete and sent. What is not sent when time is up, or when Redis is away at the end, stays on disk.</summary>
    public async Task RunAsync(Task log, CancellationToken giveUp)
    {
        await log.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (log.IsFaulted) await log;
        if (await sender.ReadMarkAsync(giveUp))
        {
            spool.Start(sender.Mark);
            try
            {
                while (await DrainAsync(giveUp) && await spool.WaitAsync(giveUp))
                {
                }
            }
            catch (OperationCanceledException)
            {
                // No time left.
            }
        }
        if (spool.Waiting.Events is > 0 and var left) SpoolLog.Left(logger, partition, left);
    }

    /// <summary>Sends what is there; false when that must end.</summary>
    private async Task<bool> DrainAsync(CancellationToken giveUp)
    {
        while (TakeSome())
        {
            if (!await SendTakenAsync(giveUp)) return false;
        }
        return true;
    }

    private bool TakeSome()
    {
        taken.Clear();
        for (var bytes = 0; taken.Count < TogetherMax && bytes < TogetherBytesMax && spool.TryTake(out var batch); bytes += batch.Batch.ByteCount) taken.Add(batch);
        return taken.Count > 0;
    }

    private async Task<bool> SendTakenAsync(CancellationToken giveUp)
    {
        var appended = taken.Count > 1 ? await sender.SendTogetherAsync(taken, giveUp) : 0;
        for (var i = 0; i < taken.Count; i++)
        {
            var outcome = i < appended ? SendOutcome.Appended : await sender.SendAsync(taken[i].Batch, taken[i].Entry.Number, () => spool.IsComplete, giveUp);
            if (outcome is SendOutcome.Appended or SendOutcome.Lost)
            {
                spool.Settle(taken[i], holds: outcome == SendOutcome.Appended);
                continue;
            }
            // In this order: until they are left, nobody takes the spool for drained.
            if (outcome == SendOutcome.Rewound && !spool.Rewind(sender.Mark)) sender.RewoundForGood();
            foreach (var left in taken.Skip(i)) spool.Leave(left);
            return outcome == SendOutcome.Rewound;
        }
        return true;
    }
}
