using StackExchange.Redis;

namespace WgMonitor.Api.Status;

/// <summary>Settings of the Redis server that decide whether the event log survives.</summary>
public sealed class RedisWarnings(IConnectionMultiplexer redis)
{
    private static readonly Version Oldest = new(7, 0);

    /// <summary>Version of the server and what is wrong with its settings, each as one sentence with the remedy.</summary>
    public async Task<(string? Version, IReadOnlyList<string> Warnings)> ReadAsync(CancellationToken cancellationToken)
    {
        // By way of a script: the client counts INFO among the administrator's commands, which this connection may not use.
        var text = (string?)await redis.GetDatabase().ScriptEvaluateAsync("return redis.call('INFO')").WaitAsync(cancellationToken) ?? "";
        var info = text.Split("\r\n").Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => pairs.First()[1]); // "module" stands there once a module
        var version = info.GetValueOrDefault("redis_version");
        var warnings = new List<string>();
        if (Version.TryParse(version, out var parsed) && parsed < Oldest) warnings.Add($"Redis {version} is older than 7.0, the oldest that is supported");
        if (info.GetValueOrDefault("aof_enabled") == "0") warnings.Add("Redis keeps no append-only file: a restart loses the event log. Set appendonly yes");
        if (info.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
            warnings.Add($"Redis may evict the event log (maxmemory-policy {policy}). Set maxmemory-policy noeviction");
        if (info.GetValueOrDefault("aof_last_write_status") == "err") warnings.Add("Redis could not write its append-only file: look at its log and its disk");
        return (version, warnings);
    }
}
