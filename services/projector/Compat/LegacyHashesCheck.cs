using StackExchange.Redis;
using WgMonitor.Hosting;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Compat;

/// <summary>The hashes of the original tool cannot be kept in this Redis. The message says why and what to do; the process ends with 78.</summary>
public sealed class LegacyHashesException(string message) : Exception(message);

/// <summary>
/// Looks at the start whether Redis is a cluster. There a script takes keys of one slot, so that the hashes could not be written together with the state; and
/// whatever is written beside it can be overtaken by an owner that lost its partition.
/// </summary>
internal sealed class LegacyHashesCheck(IConnectionMultiplexer redis, CompatOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.LegacyHashes && !stoppingToken.IsCancellationRequested)
        {
            var primaries = await PrimariesAsync(stoppingToken);
            if (primaries.Any(primary => primary.Info.GetValueOrDefault("redis_mode") == "cluster"))
                throw new LegacyHashesException("compat.legacy_hashes cannot be kept in a Redis Cluster: the keys wireguard_peer:N lie in other slots than the state. Set it to false, or use a single Redis or Sentinel.");
            if (primaries.Count > 0) return;
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>None while Redis does not answer.</summary>
    private async Task<IReadOnlyList<RedisPrimary>> PrimariesAsync(CancellationToken stopping)
    {
        try
        {
            return await RedisPrimaries.ReadAsync(redis, stopping);
        }
        catch (Exception exception) when (RedisAway.Is(exception) || (exception is OperationCanceledException && stopping.IsCancellationRequested))
        {
            return [];
        }
    }
}
