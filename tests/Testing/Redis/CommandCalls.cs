using System.Globalization;
using StackExchange.Redis;

namespace WgMonitor.Testing;

/// <summary>What a Redis counts of the commands it ran.</summary>
public static class CommandCalls
{
    /// <summary>Calls since the one server of <paramref name="redis"/> started, by command in small letters, a subcommand as <c>xinfo|stream</c>. What was never called is missing.</summary>
    public static async Task<Dictionary<string, long>> CallsAsync(this IConnectionMultiplexer redis)
    {
        var statistics = await redis.GetServers().Single().InfoAsync("commandstats");
        return statistics.Single().ToDictionary(
            command => command.Key["cmdstat_".Length..], command => long.Parse(command.Value.Split('=', ',')[1], CultureInfo.InvariantCulture));
    }
}
