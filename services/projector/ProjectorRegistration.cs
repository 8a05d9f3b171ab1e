using System.Net;
using StackExchange.Redis;
using WgMonitor.Archive;
using WgMonitor.Hosting;
using WgMonitor.Projector.Archiving;
using WgMonitor.Projector.Compat;
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
            OptionsSection.Of<ArchiveOptions>(ArchiveOptions.Section), OptionsSection.Of<CompatOptions>(CompatOptions.Section),
        ],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix), options.Get<CompatOptions>()))
            .AddSingleton<ProjectorMetrics>()
            .AddHostedService<LegacyHashesCheck>()
            .AddSingleton<LegacyHashes>()
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
        ConfigurationFailures = [typeof(StreamTopologyException), typeof(ArchiveUnusableException), typeof(LegacyHashesException)],
    };

    private static IReadOnlyList<string[]> Rights(StreamKeys keys, CompatOptions compat) =>
        [.. StreamRights.Consume(keys, ConsumerGroups.Projector), .. StreamRights.Trim(keys), .. StreamRights.Append(keys), ["ZRANGE", keys.InPartition(0, "key"), "0", "1"], .. compat.LegacyHashes ? LegacyRights : []];

    private static IEnumerable<string[]> LegacyRights { get; } = [["TYPE", LegacyPeerHash.Key(1)], ["HSET", LegacyPeerHash.Key(1), "f", "v"], ["HDEL", LegacyPeerHash.Key(1), "f"]];
}
