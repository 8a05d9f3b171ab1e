using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;
using WgMonitor.Collector.Coverage;
using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Spool;
using WgMonitor.Collector.Status;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>The collector as a service of a process: its types in the order of the flow.</summary>
public static class CollectorRegistration
{
    /// <summary>For <see cref="WgMonitorHost.RunAsync(string[], ServiceModule[])"/>.</summary>
    public static ServiceModule Module { get; } = new(
        "collector", [OptionsSection.Of<CollectorOptions>(CollectorOptions.Section), OptionsSection.Of<StreamOptions>(StreamOptions.Section)], Register)
    {
        // As in the original tool.
        DefaultMetricsAddress = new(IPAddress.Loopback, 9998),
        ConfigurationFailures = [typeof(StreamTopologyException)],
    };

    private static void Register(IServiceCollection services, BoundOptions options)
    {
        var collector = options.Get<CollectorOptions>();
        var stream = options.Get<StreamOptions>();
        services.AddEventStream();
        // Chance: the id of this run and the jitter of pauses.
        services.TryAddSingleton(_ => new Random());
        services.AddSingleton(new EventBuffer(stream.Partitions, collector.BatchEventsMax, collector.BufferEventsMax, collector.BufferBytesMax));
        services.AddSingleton(provider => new RefusalLog(provider.GetRequiredService<ILogger<CollectorPipeline>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CollectorPipeline(collector, provider.GetRequiredService<EventBuffer>(), provider.GetRequiredService<RefusalLog>()));
        services.AddSingleton<CollectorMetrics>();
        services.AddSingleton<ConnectionMetrics>();
        services.AddSingleton(provider => new RelpSenders(provider.GetRequiredService<CollectorSpool>().Directory));
        services.AddSingleton(provider => new StreamListeners(
            collector, provider.GetRequiredService<CollectorPipeline>(), provider.GetRequiredService<RelpSenders>(), provider.GetRequiredService<ConnectionMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<SpoolMetrics>();
        services.AddSingleton(provider =>
        {
            var buffer = provider.GetRequiredService<EventBuffer>();
            return CollectorSpool.Open(
                collector, stream, options, new(buffer.Settle, () => buffer.IsCrowded), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Random>(),
                provider.GetRequiredService<ILogger<CollectorSpool>>());
        });
        services.AddSingleton<Rewinds>();
        services.AddSingleton<CoverageMetrics>();
        services.TryAddSingleton(provider => new CollectorRunStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), new CollectorKeys(provider.GetRequiredService<StreamKeys>())));
        services.AddSingleton<CollectorRun>();
        services.AddSingleton(provider => new BoundListeners(provider.GetRequiredService<CollectorRun>()));
        // Before the run: hosted services stop in reverse order, and its last word comes after the last line.
        services.AddHostedService<CoverageWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<CollectorRun>());
        services.TryAddSingleton(provider => new CollectorStatusStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), new CollectorKeys(provider.GetRequiredService<StreamKeys>())));
        services.AddHostedService<StatusWriter>();
        services.AddRedisReadiness();
        services.AddRedisRights(Rights(new StreamKeys(stream.Prefix)));
        if (collector.Spool.Level != Durability.Memory) services.AddHealthChecks().AddCheck<SpoolHealthCheck>("spool");
    }

    private static IReadOnlyList<string[]> Rights(StreamKeys keys)
    {
        var status = new CollectorKeys(keys);
        return
        [
            .. StreamRights.Append(keys), ["HSET", status.Status("c"), "f", "v"], ["EXPIRE", status.Status("c"), "60"], ["ZADD", status.Index, "1", "c"],
            ["ZREMRANGEBYSCORE", status.Index, "0", "1"],
        ];
    }
}
