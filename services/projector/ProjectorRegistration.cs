using System.Net;
using WgMonitor.Archive;
using WgMonitor.Hosting;
using WgMonitor.Projector.Archiving;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>The projector as a module of a process.</summary>
public static class ProjectorRegistration
{
    public static ServiceModule Module { get; } = new(
        "projector",
        [
            OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<ProjectorOptions>("projector"),
            OptionsSection.Of<ArchiveOptions>(ArchiveOptions.Section),
        ],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix)))
            .AddSingleton<ProjectorMetrics>()
            .AddSingleton<ParkedEvents>()
            .AddPartitionConsumers<PeerProjections>(ConsumerGroups.Projector)
            .AddSingleton<StateGenerations>()
            .AddSingleton<BaseSnapshots>()
            .AddSingleton<ArchiveMetrics>()
            .AddSingleton<LogArchive>()
            .AddSingleton<OldEntries>()
            .AddStreamTrimmer(provider => provider.GetRequiredService<OldEntries>().Groups, provider => provider.GetRequiredService<OldEntries>().KeepAsync))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9997),
        ConfigurationFailures = [typeof(StreamTopologyException)],
    };

    private static IReadOnlyList<string[]> Rights(StreamKeys keys) => [.. StreamRights.Consume(keys, ConsumerGroups.Projector), .. StreamRights.Trim(keys)];
}
