using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Projector.History;

/// <summary>Lets the history points of all partitions follow the log, beside the projection. Any number of replicas may: a lease decides who writes.</summary>
internal sealed class HistoryPoints(HistoryWriter writer, StreamOptions stream, HistoryOptions options, ProjectorMetrics metrics, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.EveryEntries == 0) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            for (var partition = 0; partition < stream.Partitions && !stoppingToken.IsCancellationRequested; partition++) await AdvanceAsync(partition, stoppingToken);
            await Task.Delay(options.PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AdvanceAsync(int partition, CancellationToken stopping)
    {
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
