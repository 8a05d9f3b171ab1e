using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Status;

/// <summary>Writes the status of this collector to Redis now and then, so that <c>/api/v1/status</c> can tell what was lost, and why.</summary>
internal sealed class StatusWriter(
    CollectorOptions options, CollectorStatusStore store, CollectorPipeline pipeline, EventBuffer buffer, CollectorSpool spool, CollectorMetrics metrics, ConnectionMetrics connections, CollectorRun run,
    TimeProvider time, Random random) : BackgroundService
{
    /// <summary>Intervals that a status outlives its collector: a slow Redis must not make one disappear that lives.</summary>
    private const int IntervalsKept = 6;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = UnixMicroseconds.Now(time);
        var report = new StatusReport(NewId(), Environment.MachineName, pipeline, buffer, spool, metrics, connections, run);
        using var timer = new PeriodicTimer(options.StatusInterval, time);
        do
        {
            await TryWriteAsync(report.Of(started, UnixMicroseconds.Now(time)), stoppingToken);
        }
        while (await NextAsync(timer, stoppingToken));
    }

    private string NewId()
    {
        lock (random) return $"{random.NextInt64():x16}";
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TryWriteAsync(CollectorStatus status, CancellationToken stoppingToken)
    {
        try
        {
            await store.WriteAsync(status, options.StatusInterval * IntervalsKept, stoppingToken);
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is OperationCanceledException)
        {
            // The events' way to Redis says what is wrong with it; the next status is soon.
        }
    }
}
