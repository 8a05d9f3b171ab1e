using StackExchange.Redis;
using WgMonitor.Hosting;

namespace WgMonitor.Api.Status;

/// <summary>Settings of the Redis server, or of each primary of a cluster, that decide whether the event log survives.</summary>
public sealed class RedisWarnings(IConnectionMultiplexer redis)
{
    private static readonly Version Oldest = new(7, 0);

    /// <summary>Lowest version of the servers, and what is wrong with their settings, each as one sentence with the remedy.</summary>
    public async Task<(string? Version, IReadOnlyList<string> Warnings)> ReadAsync(CancellationToken cancellationToken)
    {
        var primaries = await RedisPrimaries.ReadAsync(redis, cancellationToken);
        var version = primaries.Select(primary => primary.Info.GetValueOrDefault("redis_version")).Min(StringComparer.Ordinal);
        return (version, [.. primaries.SelectMany(primary => Of(primary, primaries.Count == 1 ? "Redis" : $"Redis at {primary.Node}"))]);
    }

    private static IEnumerable<string> Of(RedisPrimary primary, string name)
    {
        var info = primary.Info;
        var version = info.GetValueOrDefault("redis_version");
        if (Version.TryParse(version, out var parsed) && parsed < Oldest) yield return $"{name}: version {version} is older than 7.0, the oldest that is supported";
        foreach (var fault in RedisDurability.FaultsOf(info)) yield return $"{name} {fault.Sentence}";
        if (info.GetValueOrDefault("aof_last_write_status") == "err") yield return $"{name} could not write its append-only file: look at its log and its disk";
    }
}
