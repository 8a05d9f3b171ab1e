using Prometheus;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Metrics;

/// <summary>
/// How far the consumers of the log are behind it, read from Redis when somebody scrapes, at most once in <see cref="Interval"/>. Told by the API and not by
/// the consumers, because it matters most when none of them runs. While Redis does not tell, the series are not there: an old number would steer an autoscaler.
/// </summary>
internal sealed class GroupSeries(MetricFactory factory, StreamStatusReader reader, StreamOptions stream, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadMax = TimeSpan.FromSeconds(2);
    private static readonly string[] Labels = ["group"];

    private readonly Gauge lagEvents = factory.CreateGauge(
        "wgmonitor_api_group_lag_events",
        "Events of the log that a consumer has not applied; not there while Redis does not tell. Staying high: start more replicas, as many as there are partitions have work.", Labels);

    private readonly Gauge lagSeconds = factory.CreateGauge(
        "wgmonitor_api_group_lag_seconds", "Age of the oldest event that a consumer has not applied. Rising: it stands still or is too slow; look at its log.", Labels);

    private readonly Gauge unowned = factory.CreateGauge(
        "wgmonitor_api_group_partitions_unowned", "Partitions on which no replica of a consumer works. Above 0 for longer than stream.lease_ttl: start one, or look at its log.", Labels);

    private int reading;
    private long? readAt;

    /// <summary>Brings the series up to date if they are older than <see cref="Interval"/>. A scrape beside a read that is under way shows what is there.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref reading, 1) == 1) return;
        try
        {
            if (readAt is { } before && time.GetElapsedTime(before) < Interval) return;
            readAt = time.GetTimestamp();
            foreach (var group in ConsumerGroups.All) await ReadAsync(group, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref reading, 0);
        }
    }

    private async Task ReadAsync(string group, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadMax);
        try
        {
            var partitions = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => reader.ReadAsync(partition, group, limit.Token)));
            lagSeconds.WithLabels(group).Set(partitions.Max(partition => partition.LagSeconds));
            unowned.WithLabels(group).Set(partitions.Count(partition => partition.Owner is null));
            // Redis 7.0 loses count after some trims.
            if (partitions.Any(partition => partition.LagEntries is null)) lagEvents.WithLabels(group).Unpublish();
            else lagEvents.WithLabels(group).Set(partitions.Sum(partition => partition.LagEntries!.Value));
        }
        catch (Exception exception) when (RedisAway.Is(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            foreach (var gauge in (Gauge[])[lagEvents, lagSeconds, unowned]) gauge.WithLabels(group).Unpublish();
        }
    }
}
