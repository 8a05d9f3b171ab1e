using StackExchange.Redis;

namespace WgMonitor.Api.Status;

/// <summary>Settings of the Redis server that decide whether the event log survives.</summary>
internal sealed class RedisWarnings(IConnectionMultiplexer redis)
{
    private static readonly Version Oldest = new(7, 0);

    /// <summary>Version of the server and what is wrong with its settings, each as one sentence with the remedy.</summary>
    public async Task<(string? Version, IReadOnlyList<string> Warnings)> ReadAsync(CancellationToken cancellationToken)
    {
        var server = redis.GetServers().FirstOrDefault(candidate => candidate is { IsConnected: true, IsReplica: false });
        if (server is null) return (null, ["Redis does not answer"]);
        var info = (await server.InfoAsync().WaitAsync(cancellationToken)).SelectMany(section => section)
            .GroupBy(entry => entry.Key).ToDictionary(entries => entries.Key, entries => entries.First().Value);
        var warnings = new List<string>();
        if (server.Version < Oldest) warnings.Add($"Redis {server.Version} is older than 7.0, the oldest that is supported");
        if (info.GetValueOrDefault("aof_enabled") == "0") warnings.Add("Redis keeps no append-only file: a restart loses the event log. Set appendonly yes");
        if (info.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
            warnings.Add($"Redis may evict the event log (maxmemory-policy {policy}). Set maxmemory-policy noeviction");
        if (info.GetValueOrDefault("aof_last_write_status") == "err") warnings.Add("Redis could not write its append-only file: look at its log and its disk");
        return (server.Version.ToString(), warnings);
    }
}
