using WgMonitor.Collector.Spool;

namespace WgMonitor.Collector;

/// <summary>Sends the spooled batches of one partition, in order, from where the log ends.</summary>
internal sealed class SpoolDrain(int partition, PartitionSpool spool, BatchSender sender, ILogger logger)
{
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
        while (spool.TryTake(out var taken))
        {
            var outcome = await sender.SendAsync(taken.Batch, taken.Entry.Number, () => spool.IsComplete, giveUp);
            switch (outcome)
            {
                case SendOutcome.Appended or SendOutcome.Lost:
                    spool.Settle(taken, holds: outcome == SendOutcome.Appended);
                    break;
                case SendOutcome.Rewound:
                    // In this order: until the batch is left, nobody takes the spool for drained.
                    if (!spool.Rewind(sender.Mark)) sender.RewoundForGood();
                    spool.Leave(taken);
                    break;
                default:
                    spool.Leave(taken);
                    return false;
            }
        }
        return true;
    }
}
