using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>
/// Looks again and again whether every primary still keeps what it is given: settings can be changed while it runs, and a server that took over may have others.
/// What is wrong is a log line when it is first seen, and a metric for as long as it lasts.
/// </summary>
internal sealed class RedisWatch(RedisConnection connection, MetricFactory metrics, TimeProvider time, ILogger<RedisWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly Gauge unsafeSettings = metrics.CreateGauge(
        "wgmonitor_redis_unsafe_settings", "Redis primaries with a setting under which the event log does not survive. Above 0: the log and /api/v1/status say which and what to do.", ["setting"]);

    private HashSet<string> told = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var setting in RedisDurability.Settings) unsafeSettings.WithLabels(setting).Set(0);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Judge(await RedisPrimaries.ReadAsync(connection.Multiplexer, stoppingToken));
            }
            catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException)
            {
                // Readiness tells that it is away.
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Judge(IReadOnlyList<RedisPrimary> primaries)
    {
        if (primaries.Count == 0) return;
        var found = primaries.SelectMany(primary => RedisDurability.FaultsOf(primary.Info).Select(fault => (fault.Setting, Sentence: $"Redis at {primary.Node} {fault.Sentence}"))).ToList();
        foreach (var setting in RedisDurability.Settings) unsafeSettings.WithLabels(setting).Set(found.Count(fault => fault.Setting == setting));
        foreach (var (_, sentence) in found.Where(fault => !told.Contains(fault.Sentence))) logger.RedisUnsafe(sentence);
        told = [.. found.Select(fault => fault.Sentence)];
    }
}
