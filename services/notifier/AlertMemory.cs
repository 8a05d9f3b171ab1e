using StackExchange.Redis;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>
/// Knows the alerts of one owned partition that were raised before, by their ids. A replay or a rebuild of the notifier's state finds the same alerts
/// again, and none of them may reach the outbox twice. Asking first is safe, because only the owner adds alerts.
/// </summary>
internal sealed class AlertMemory(IConnectionMultiplexer redis, AlertKeys keys, int partition)
{
    /// <summary>Those that are new, each once, in their order.</summary>
    public async Task<IReadOnlyList<AlertRecord>> UnknownAsync(IReadOnlyList<AlertRecord> alerts, CancellationToken cancellationToken)
    {
        if (alerts.Count == 0) return [];
        var once = alerts.DistinctBy(alert => alert.Id).ToArray();
        var known = await Task.WhenAll(once.Select(IsKnownAsync)).WaitAsync(cancellationToken);
        return [.. once.Where((_, index) => !known[index])];
    }

    // Not whether there is a key: where Redis lost its end, a delivery that was under way may have written its result beside an alert that is gone.
    private async Task<bool> IsKnownAsync(AlertRecord alert)
    {
        try
        {
            return !(await redis.GetDatabase().HashGetAsync(keys.Alert(partition, alert.Id), AlertCodec.IdField, CommandFlags.DemandMaster)).IsNull;
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return true;
        }
    }
}
