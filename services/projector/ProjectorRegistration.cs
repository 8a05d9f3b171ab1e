using System.Net;
using StackExchange.Redis;
using WgMonitor.Archive;
using WgMonitor.Hosting;
using WgMonitor.Projector.Archiving;
using WgMonitor.Projector.Coverage;
using WgMonitor.Projector.History;
using WgMonitor.Projector.Parking;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>The projector as a module of a process.</summary>
public static class ProjectorRegistration
{
    public static ServiceModule Module { get; } = new(
        "projector",
        [
            OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<ProjectorOptions>("projector"), OptionsSection.Of<HistoryOptions>(HistoryOptions.Section),
            OptionsSection.Of<ArchiveOptions>(ArchiveOptions.Section),
        ],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix)))
            .AddSingleton<ProjectorMetrics>()
            .AddPartitionConsumers<PeerProjections>(ConsumerGroups.Projector)
            .AddSingleton<StateGenerations>()
            .AddSingleton(provider => new ParkedLog(provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), ConsumerGroups.All))
            .AddHostedService<ParkedWatch>()
            .AddSingleton<LossTeller>()
            .AddHostedService<LossTelling>()
            .AddSingleton<BaseSnapshots>()
            .AddSingleton(provider => new HistoryWriter(
                provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), provider.GetRequiredService<PartitionClaims>(),
                provider.GetRequiredService<LogReader>(), provider.GetRequiredService<HistoryOptions>(), provider.GetRequiredService<StateOptions>()))
            .AddHostedService<HistoryPoints>()
            .AddSingleton<ArchiveMetrics>()
            .AddSingleton<ArchiveTrouble>()
            .AddHostedService<ArchiveDirectoryCheck>()
            .AddSingleton<LogArchive>()
            .AddSingleton<OldEntries>()
            .AddStreamTrimmer(provider => provider.GetRequiredService<OldEntries>().Groups, provider => provider.GetRequiredService<OldEntries>().KeepAsync))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9997),
        ConfigurationFailures = [typeof(StreamTopologyException), typeof(ArchiveUnusableException)],
    };

    private static IReadOnlyList<string[]> Rights(StreamKeys keys) =>
        [.. StreamRights.Consume(keys, ConsumerGroups.Projector), .. StreamRights.Trim(keys), .. StreamRights.Append(keys), ["ZRANGE", keys.InPartition(0, "key"), "0", "1"]];
}
