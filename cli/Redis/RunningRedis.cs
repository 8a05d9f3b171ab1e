using StackExchange.Redis;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Redis;

/// <summary>The Redis that the services use now.</summary>
internal static class RunningRedis
{
    /// <summary>Connects to the one that the configuration names, or else to the own one of a running <c>wgmonitor up</c>.</summary>
    /// <param name="options">As configured.</param>
    /// <param name="dataDirectory">Of <c>wgmonitor up</c>.</param>
    /// <param name="clientName">Who connects, as Redis lists it.</param>
    /// <exception cref="CannotStartException">None is named, and none runs.</exception>
    /// <exception cref="RedisException">It does not answer.</exception>
    public static Task<ConnectionMultiplexer> ConnectAsync(RedisOptions options, string dataDirectory, string clientName)
    {
        var used = options.IsGiven ? options : new() { Url = new Uri(RedisHome.FindRunning(dataDirectory)) };
        return ConnectionMultiplexer.ConnectAsync(used.ToConfigurationOptions(clientName));
    }
}
