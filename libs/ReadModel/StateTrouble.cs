using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace WgMonitor.ReadModel;

/// <summary>What keeps a service from holding the state it should: counted each time, told once. Log lines 5100 to 5199.</summary>
/// <param name="factory">Where the series are registered.</param>
/// <param name="service">Second part of their names, e.g. <c>projector</c>.</param>
/// <param name="logger">The service's.</param>
public sealed partial class StateTrouble(MetricFactory factory, string service, ILogger logger)
{
    private readonly Counter wrongTypes = factory.CreateCounter(
        $"wgmonitor_{service}_wrong_type_total", "Keys of ours that hold something else. Rising: another program writes under the same prefix; the log names the key: delete or rename it.");

    private readonly Counter hostsRefused = factory.CreateCounter(
        $"wgmonitor_{service}_hosts_refused_total",
        "Events not applied because their host would be one more than state.hosts_max. Rising: somebody invents hosts, or raise it.");

    private readonly ILogger logger = logger;
    private readonly ToldOnce told = new();
    private readonly ConcurrentDictionary<int, bool> fullPartitions = new();

    /// <summary>A key cannot be read; told once a key.</summary>
    public void Unreadable(string key, KeyFault fault)
    {
        wrongTypes.Inc();
        if (!told.IsFirst(key)) return;
        if (fault == KeyFault.WrongType) LogWrongType(key);
        else LogBrokenState(key);
    }

    /// <summary>There are too many hosts; told once a partition, for names are invented as fast as datagrams can be sent.</summary>
    public void HostRefused(int partition, string host)
    {
        hostsRefused.Inc();
        if (fullPartitions.TryAdd(partition, true)) LogHostRefused(host, partition);
    }

    [LoggerMessage(5100, LogLevel.Error, "Key {Key} holds another type than ours; it is left alone and its part is not written. Delete or rename it.")]
    private partial void LogWrongType(string key);

    [LoggerMessage(5101, LogLevel.Error, "Key {Key} holds a state that is none of ours; it counts as absent until its next event overwrites it.")]
    private partial void LogBrokenState(string key);

    [LoggerMessage(5102, LogLevel.Warning, "Host {Host} is one more than partition {Partition} may have (state.hosts_max); its events, and those of further new hosts, are not applied.")]
    private partial void LogHostRefused(string host, int partition);
}
