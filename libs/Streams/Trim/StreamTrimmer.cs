using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Does what has to be done before old entries of a partition may go.</summary>
public delegate Task BeforeTrim(int partition, CancellationToken cancellationToken);

/// <summary>
/// Keeps the partitions near <see cref="StreamOptions.RetentionEntriesMax"/> entries, and never removes what a registered group has not applied: while one
/// of them has no checkpoint, or stands still, nothing goes. Any number of processes may run it.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="keys">Names of the keys.</param>
/// <param name="groups">The registered groups; those that are not listed do not hold entries back.</param>
/// <param name="beforeTrim">Called before each trim of a partition; null for nothing to do.</param>
/// <param name="options">Retention and interval.</param>
/// <param name="metrics">Counts what went.</param>
/// <param name="time">Paces the rounds.</param>
/// <param name="logger">Log lines 5000 to 5099.</param>
public sealed class StreamTrimmer(
    IConnectionMultiplexer redis, StreamKeys keys, IReadOnlyList<string> groups, BeforeTrim? beforeTrim, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time,
    ILogger<StreamTrimmer> logger)
{
    private readonly WeatherReport report = new("trim", metrics, logger, time);

    /// <summary>Trims all partitions, then waits <see cref="StreamOptions.TrimInterval"/>, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            for (var partition = 0; partition < options.Value.Partitions && !stopping.IsCancellationRequested; partition++)
            {
                try
                {
                    await TrimAsync(partition, stopping).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stopping.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
                {
                    report.Weather(weather.Reason, "trim", partition, exception);
                    break;
                }
            }

            await time.PauseAsync(options.Value.TrimInterval, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Trims one partition once; returns how many entries went.</summary>
    public async Task<long> TrimAsync(int partition, CancellationToken cancellationToken)
    {
        if (options.Value.RetentionEntriesMax == 0 || groups.Count == 0) return 0;
        if (beforeTrim is not null) await beforeTrim(partition, cancellationToken).ConfigureAwait(false);
        RedisKey[] scriptKeys = [keys.Events(partition), .. groups.Select(group => (RedisKey)keys.Checkpoint(partition, group))];
        var removed = (long)await RedisScript.Trim.EvaluateAsync(redis.GetDatabase(), scriptKeys, [options.Value.RetentionEntriesMax]).ConfigureAwait(false);
        if (removed > 0)
        {
            StreamLog.Trimmed(logger, partition, removed);
            metrics.Trimmed(removed);
        }

        return removed;
    }
}
