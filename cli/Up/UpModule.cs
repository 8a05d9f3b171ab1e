using WgMonitor.Collector;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Up;

/// <summary>What the process adds to the services it runs: the banner, and readiness that asks Redis.</summary>
internal static class UpModule
{
    /// <param name="output">Takes the banner.</param>
    /// <param name="ownRedis">The own redis-server in words; null when the configuration names one.</param>
    public static ServiceModule Create(TextWriter output, string? ownRedis) => new("up", [], (services, _) =>
    {
        services.AddRedisReadiness();
        services.AddHostedService(provider => new Banner(provider.GetRequiredService<Listeners>(), provider.GetRequiredService<BoundListeners>(), ownRedis, output));
    });
}
