using StackExchange.Redis;

namespace WgMonitor.Cli.Demo;

/// <summary>The keys that demos leave in a Redis that is not their own.</summary>
internal static class DemoKeys
{
    private const int PageSize = 500;

    /// <summary>Removes them on every primary, whatever else lies there. Returns how many there were.</summary>
    public static async Task<long> RemoveAsync(IConnectionMultiplexer redis)
    {
        long removed = 0;
        foreach (var server in redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            // One by one: in a cluster a command may name keys of one slot only.
            await foreach (var key in server.KeysAsync(redis.GetDatabase().Database, DemoConfiguration.Prefix + ":*", PageSize))
                removed += await redis.GetDatabase().KeyDeleteAsync(key) ? 1 : 0;
        }

        return removed;
    }
}
