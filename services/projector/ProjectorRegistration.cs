using System.Net;
using WgMonitor.Hosting;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>The projector as a module of a process.</summary>
public static class ProjectorRegistration
{
    public static ServiceModule Module { get; } = new(
        "projector",
        [OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<ProjectorOptions>("projector")],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix)))
            .AddSingleton<ProjectorMetrics>()
            .AddSingleton<ParkedEvents>()
            .AddPartitionConsumers<PeerProjections>(ConsumerGroups.Projector)
            .AddSingleton<StateGenerations>()
            .AddSingleton<BaseSnapshots>()
            .AddStreamTrimmer([.. ConsumerGroups.All, ConsumerGroups.Base], provider => provider.GetRequiredService<BaseSnapshots>().AdvanceAsync))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9997),
        ConfigurationFailures = [typeof(StreamTopologyException)],
    };

    private static IReadOnlyList<string[]> Rights(StreamKeys keys) => [.. StreamRights.Consume(keys, ConsumerGroups.Projector), .. StreamRights.Trim(keys)];
}
