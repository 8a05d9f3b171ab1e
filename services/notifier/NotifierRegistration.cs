using System.Net;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>The notifier as a module of a process.</summary>
public static class NotifierRegistration
{
    /// <summary>Reads <c>[stream]</c>, <c>[state]</c> and <c>[notifier]</c>; metrics on port 9996 when it runs alone.</summary>
    public static ServiceModule Module { get; } = new(
        "notifier",
        [OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<NotifierOptions>(NotifierOptions.Section)],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix)))
            .AddSingleton<NotifierMetrics>()
            .AddSingleton(provider => new AlertRoutes(
                provider.GetRequiredService<NotifierOptions>(), provider.GetRequiredService<NotifierMetrics>(), provider.GetRequiredService<ILogger<LogChannel>>(),
                provider.GetRequiredService<TimeProvider>(), new Random()))
            .AddPartitionConsumers<AlertPipelines>(ConsumerGroups.Notifier))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9996),
        ConfigurationFailures = [typeof(StreamTopologyException)],
    };

    private static IReadOnlyList<string[]> Rights(StreamKeys keys)
    {
        var alerts = new AlertKeys(keys);
        return
        [
            .. StreamRights.Consume(keys, ConsumerGroups.Notifier), ["HGETALL", alerts.Cursors(0)], ["HMGET", alerts.Alert(0, "a"), "f"], ["HGET", alerts.Alert(0, "a"), "f"],
            ["XRANGE", alerts.Outbox(0), "-", "+"], ["XREVRANGE", alerts.Outbox(0), "+", "-"], ["XLEN", alerts.Outbox(0)], ["XTRIM", alerts.Outbox(0), "MINID", "0-1"],
        ];
    }
}
