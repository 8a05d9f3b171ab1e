using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Projector.History;

/// <summary>
/// Lets the history points of the partitions that this replica projects follow the log. The lease of the points decides who writes; the owner does, because it
/// holds the hosts of the point before, which anybody else would read from Redis.
/// </summary>
internal sealed class HistoryPoints(
    HistoryWriter writer, [FromKeyedServices(ConsumerGroups.Projector)] PartitionOwners owners, HistoryOptions options, ProjectorMetrics metrics, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.EveryEntries == 0) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var partition in owners.Owned) await AdvanceAsync(partition, stoppingToken);
            await Task.Delay(options.PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AdvanceAsync(int partition, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested) return;
        try
        {
            metrics.HistoryPointsWritten(await writer.AdvanceAsync(partition, stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is PartitionClaimException or InvalidDataException)
        {
            // Weather, another owner, or keys that somebody changed: the points are an aid, the projection goes on without them.
            metrics.HistoryPointsLate(partition, exception);
        }
    }
}
