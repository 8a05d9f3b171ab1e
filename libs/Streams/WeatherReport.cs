using Microsoft.Extensions.Logging;

namespace WgMonitor.Streams;

/// <summary>
/// Counts every failure of a group and logs one line a reason and <see cref="Interval"/>: many partitions that fail for one cause are one event to the operator.
/// </summary>
internal sealed class WeatherReport(string group, StreamMetrics metrics, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (long LoggedAt, long Suppressed)> _lines = [];

    /// <summary>Redis refused or did not answer in <paramref name="step"/>.</summary>
    public void Weather(string reason, string step, int partition, Exception? exception = null)
    {
        metrics.Failed(group, reason);
        if (MayLog(reason, out var suppressed)) StreamLog.RedisWeather(logger, exception, reason, step, group, partition, suppressed);
    }

    /// <summary>A handler threw.</summary>
    public void HandlerFailed(Exception exception, int partition)
    {
        metrics.Failed(group, "handler");
        if (MayLog("handler", out var suppressed)) StreamLog.HandlerFailed(logger, exception, partition, group, suppressed);
    }

    /// <summary>A key of another type was left alone; a busy peer's key would otherwise give a line a batch.</summary>
    public void WrongType(string key)
    {
        metrics.WrongType(group);
        if (MayLog("wrongtype_key", out var suppressed)) StreamLog.WrongType(logger, key, group, suppressed);
    }

    private bool MayLog(string reason, out long suppressed)
    {
        lock (gate)
        {
            var known = _lines.TryGetValue(reason, out var line);
            suppressed = line.Suppressed;
            if (known && time.GetElapsedTime(line.LoggedAt) < Interval)
            {
                _lines[reason] = line with { Suppressed = suppressed + 1 };
                return false;
            }

            _lines[reason] = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
