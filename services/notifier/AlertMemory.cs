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
        var database = redis.GetDatabase();
        var once = alerts.DistinctBy(alert => alert.Id).ToArray();
        var known = await Task.WhenAll(once.Select(alert => database.KeyExistsAsync(keys.Alert(partition, alert.Id), CommandFlags.DemandMaster))).WaitAsync(cancellationToken);
        return [.. once.Where((_, index) => !known[index])];
    }
}
