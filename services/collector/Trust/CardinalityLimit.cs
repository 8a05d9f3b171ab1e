namespace WgMonitor.Collector.Trust;

/// <summary>Which bound an event would have broken; the <c>limit</c> label of a metric.</summary>
public enum CardinalityLimit
{
    /// <summary>None: the event passes.</summary>
    None,

    /// <summary><c>collector.limits.hosts_max</c>.</summary>
    Hosts,

    /// <summary><c>collector.limits.hosts_per_source_max</c>.</summary>
    HostsPerSource,

    /// <summary><c>collector.limits.interfaces_per_host_max</c>, or as many in all as peers.</summary>
    Interfaces,

    /// <summary><c>collector.limits.peers_per_interface_max</c>.</summary>
    PeersPerInterface,

    /// <summary><c>collector.limits.peers_max</c>.</summary>
    Peers,

    /// <summary><c>collector.limits.new_peers_per_minute</c>.</summary>
    NewPeers,
}

/// <summary>The limits and their words.</summary>
public static class CardinalityLimits
{
    /// <summary>All but <see cref="CardinalityLimit.None"/>.</summary>
    public static IReadOnlyList<CardinalityLimit> All { get; } = [.. Enum.GetValues<CardinalityLimit>().Where(limit => limit != CardinalityLimit.None)];

    /// <summary>Metric label.</summary>
    public static string Label(CardinalityLimit limit) => limit switch
    {
        CardinalityLimit.Hosts => "hosts",
        CardinalityLimit.HostsPerSource => "hosts_per_source",
        CardinalityLimit.Interfaces => "interfaces",
        CardinalityLimit.PeersPerInterface => "peers_per_interface",
        CardinalityLimit.Peers => "peers",
        CardinalityLimit.NewPeers => "new_peers",
        _ => "none",
    };
}
