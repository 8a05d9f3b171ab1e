using WgMonitor.Streams;

namespace WgMonitor.Projector.Coverage;

/// <summary>Lets <see cref="LossTeller"/> look at every partition each <see cref="StreamOptions.TrimInterval"/>. Any number of replicas may: a lease decides who tells.</summary>
internal sealed class LossTelling(LossTeller teller, StreamOptions stream, ILogger<LossTelling> logger, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            for (var partition = 0; partition < stream.Partitions && !stoppingToken.IsCancellationRequested; partition++) await TellAsync(partition, stoppingToken);
            await Task.Delay(stream.TrimInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(int partition, CancellationToken stopping)
    {
        try
        {
            await teller.TellAsync(partition, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is PartitionClaimException)
        {
            // What is written down is told by the next round, wherever that runs.
            logger.LossTellingLate(exception, partition);
        }
    }
}
