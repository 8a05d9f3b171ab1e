using System.Net;
using StackExchange.Redis;
using WgMonitor.Hosting;
using WgMonitor.Projector.History;
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
            OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<HistoryOptions>(HistoryOptions.Section),
            OptionsSection.Of<ProjectorOptions>("projector"),
        ],
        (services, _) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddSingleton<ProjectorMetrics>()
            .AddSingleton<ParkedEvents>()
            .AddPartitionConsumers<PeerProjections>(ConsumerGroups.Projector)
            .AddSingleton<StateGenerations>()
            .AddSingleton<BaseSnapshots>()
            .AddSingleton(provider => new HistoryWriter(
                provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), provider.GetRequiredService<PartitionClaims>(),
                provider.GetRequiredService<LogReader>(), provider.GetRequiredService<HistoryOptions>(), provider.GetRequiredService<StateOptions>()))
            .AddHostedService<HistoryPoints>()
            .AddStreamTrimmer([.. ConsumerGroups.All, ConsumerGroups.Base], provider => provider.GetRequiredService<BaseSnapshots>().AdvanceAsync))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9997),
        ConfigurationFailures = [typeof(StreamTopologyException)],
    };
}
