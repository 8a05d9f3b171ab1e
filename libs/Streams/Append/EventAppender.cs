using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Appends batches of events to a partition, each exactly once however often it is sent: a producer numbers its batches, and the script that appends
/// remembers the highest number a producer and partition.
/// </summary>
/// <remarks>
/// A producer has one batch in flight a partition and sends batch N until it is <see cref="AppendOutcome.Appended"/> or
/// <see cref="AppendOutcome.AlreadyAppended"/> before it sends N+1; a lower number that arrives later adds nothing. The event's position is always
/// chosen by Redis, never by input.
/// </remarks>
public sealed class EventAppender(IConnectionMultiplexer redis, StreamKeys keys, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time)
{
    private readonly RedisValue markTtlSeconds = (long)Math.Max(1, options.Value.ProducerMarkTtl.TotalSeconds);

    /// <summary>Sends one batch.</summary>
    /// <param name="partition">0 to partitions - 1; all events of the batch belong to it (<see cref="Partitioner"/>).</param>
    /// <param name="producer">Stable id of the collector and its spool: 1 to 64 letters, digits, <c>. _ -</c>.</param>
    /// <param name="batchNumber">1 or more; grows with every new batch, stays the same when a batch is sent again.</param>
    /// <param name="batch">One event at least. May be cleared and reused once this returned, whatever the outcome.</param>
    /// <param name="cancellationToken">Stops waiting; the batch may be appended all the same.</param>
    public async Task<AppendOutcome> AppendAsync(int partition, string producer, long batchNumber, EventBatch batch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, options.Value.Partitions);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchNumber, 1);
        if (!StreamKeys.IsName(producer)) throw new ArgumentException($"'{producer}' is no producer id", nameof(producer));
        if (batch.Count == 0) throw new ArgumentException("The batch is empty.", nameof(batch));

        var start = time.GetTimestamp();
        var outcome = await SendAsync(partition, producer, batchNumber, batch, cancellationToken).ConfigureAwait(false);
        metrics.Appended(outcome, batch.Count, time.GetElapsedTime(start));
        return outcome;
    }

    private async Task<AppendOutcome> SendAsync(int partition, string producer, long batchNumber, EventBatch batch, CancellationToken cancellationToken)
    {
        RedisKey[] scriptKeys = [keys.Events(partition), keys.ProducerMark(partition, producer)];
        RedisValue[] values = [batchNumber, markTtlSeconds, keys.Wake(partition), batch.PackedEvents, batch.PackedShapes];
        try
        {
            var reply = await RedisScript.Append.EvaluateAsync(redis.GetDatabase(), scriptKeys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
            return (string?)reply[0] switch
            {
                "APPENDED" => new AppendOutcome.Appended(StreamId.Parse((string?)reply[1] ?? "")),
                "ALREADY" => AppendOutcome.AlreadyAppended.Value,
                "WRONGTYPE" => new AppendOutcome.Refused("wrongtype"),
                _ => new AppendOutcome.Refused("malformed"),
            };
        }
        catch (OperationCanceledException)
        {
            batch.Abandon();
            throw;
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
        {
            // The client may still hold the message, so its bytes must not change.
            batch.Abandon();
            return weather.IsTransient ? new AppendOutcome.Retry(weather.Reason) : new AppendOutcome.Refused(weather.Reason);
        }
    }
}
