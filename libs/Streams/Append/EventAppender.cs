using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Appends batches of events to a partition, each exactly once however often it is sent: a producer numbers its batches, and the script that appends
/// remembers the highest number a producer and partition.
/// </summary>
/// <remarks>
/// A producer sends batch N until it is <see cref="AppendOutcome.Appended"/> or <see cref="AppendOutcome.AlreadyAppended"/> before it sends N+1, or names N as the
/// one before when it sends N+1: then that is not appended while N is not. A lower number that arrives later adds nothing. The event's position is always chosen
/// by Redis, never by input.
/// </remarks>
public sealed class EventAppender(IConnectionMultiplexer redis, StreamKeys keys, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time)
{
    /// <summary>Batch numbers stay below it: Lua's numbers are doubles.</summary>
    public const long NumberLimit = 1L << 53;

    private readonly RedisValue markTtlSeconds = (long)Math.Max(1, options.Value.ProducerMarkTtl.TotalSeconds);

    /// <summary>Sends one batch without asking whether those before it are still there.</summary>
    /// <inheritdoc cref="AppendAsync(int, string, long, long, EventBatch, CancellationToken)"/>
    public Task<AppendOutcome> AppendAsync(int partition, string producer, long batchNumber, EventBatch batch, CancellationToken cancellationToken) =>
        AppendAsync(partition, producer, batchNumber, 0, batch, cancellationToken);

    /// <summary>Sends one batch.</summary>
    /// <param name="partition">0 to partitions - 1; all events of the batch belong to it (<see cref="Partitioner"/>).</param>
    /// <param name="producer">Stable id of the collector and its spool: 1 to 64 letters, digits, <c>. _ -</c>.</param>
    /// <param name="batchNumber">1 or more, below 2^53; grows with every new batch, stays the same when a batch is sent again. Gaps are allowed.</param>
    /// <param name="previousNumber">The batch that must stand in the log before this one: the last that was appended as far as the producer knows, or one on its way; 0 when it knows none. See <see cref="AppendOutcome.Rewound"/>.</param>
    /// <param name="batch">One event at least. May be cleared and reused once this returned, whatever the outcome.</param>
    /// <param name="cancellationToken">Stops waiting; the batch may be appended all the same.</param>
    public async Task<AppendOutcome> AppendAsync(
        int partition, string producer, long batchNumber, long previousNumber, EventBatch batch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, options.Value.Partitions);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batchNumber, NumberLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(previousNumber, batchNumber);
        if (!StreamKeys.IsName(producer)) throw new ArgumentException($"'{producer}' is no producer id", nameof(producer));
        if (batch.Count == 0) throw new ArgumentException("The batch is empty.", nameof(batch));

        var start = time.GetTimestamp();
        var outcome = await SendAsync(partition, producer, batchNumber, previousNumber, batch, cancellationToken).ConfigureAwait(false);
        metrics.Appended(outcome, batch.Count, time.GetElapsedTime(start));
        return outcome;
    }

    private async Task<AppendOutcome> SendAsync(
        int partition, string producer, long batchNumber, long previousNumber, EventBatch batch, CancellationToken cancellationToken)
    {
        RedisKey[] scriptKeys = [keys.Events(partition), keys.ProducerMark(partition, producer)];
        RedisValue[] values = [batchNumber, markTtlSeconds, keys.Wake(partition), batch.PackedEvents, batch.PackedShapes, previousNumber];
        try
        {
            var reply = await RedisScript.Append.EvaluateAsync(redis.GetDatabase(), scriptKeys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
            return (string?)reply[0] switch
            {
                "APPENDED" => new AppendOutcome.Appended(StreamId.Parse((string?)reply[1] ?? "")),
                "ALREADY" => new AppendOutcome.AlreadyAppended((long)reply[1]),
                "REWOUND" => new AppendOutcome.Rewound((long)reply[1]),
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

    /// <summary>The highest batch number of the producer that stands in the partition, 0 for none; null while Redis does not say.</summary>
    public async Task<long?> ReadMarkAsync(int partition, string producer, CancellationToken cancellationToken)
    {
        try
        {
            // A replica may be behind what its primary has.
            var mark = await redis.GetDatabase().StringGetAsync(keys.ProducerMark(partition, producer), CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
            return mark.TryParse(out long number) ? number : 0;
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out _))
        {
            return null;
        }
    }
}
