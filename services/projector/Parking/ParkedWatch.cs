using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Parking;

/// <summary>Shows how much is parked by whom, however it came there and went: every <see cref="StreamOptions.TrimInterval"/>.</summary>
internal sealed class ParkedWatch(ParkedLog log, StreamOptions stream, ProjectorMetrics metrics, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(stream.TrimInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            foreach (var group in ConsumerGroups.All)
            {
                var counts = default(ParkedCounts);
                for (var partition = 0; partition < stream.Partitions; partition++) counts += await log.CountAsync(partition, group, stopping);
                metrics.ParkedNow(group, counts);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            // The next round tells.
        }
    }
}
