using System.ComponentModel.DataAnnotations;
using WgMonitor.Hosting;

namespace WgMonitor.Collector;

/// <summary>
/// <c>[collector.limits]</c>: how much one sender may send, and how many hosts, devices and peers may be named at all. What is known passes always; the
/// limits are for what is new. Reasons in <c>docs/decisions/0008-what-a-sender-may-bring.md</c>.
/// </summary>
public sealed class LimitOptions : IOptionsRules
{
    /// <summary>
    /// Datagrams a second that one source (an IPv4 address, an IPv6 /64) may send for long. Default 1000, 0 to 10000000; 0 for no limit. Streams are
    /// slowed down by flow control instead. A relay of many hosts needs the sum of what they send.
    /// </summary>
    [Range(0, 10_000_000)]
    public int SourceLinesPerSecond { get; set; } = 1_000;

    /// <summary>Datagrams that a source may send at once after a pause. Default 10000, 1 to 10000000.</summary>
    [Range(1, 10_000_000)]
    public int SourceLinesBurst { get; set; } = 10_000;

    /// <summary>Sources whose rate is followed at once. Default 4096, 16 to 1000000. Of more, those not heard of lately begin anew. One takes about 60 bytes.</summary>
    [Range(16, 1_000_000)]
    public int SourcesMax { get; set; } = 4_096;

    /// <summary>Hosts. Default 2000, 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int HostsMax { get; set; } = 2_000;

    /// <summary>Hosts that one source may bring, a relay for instance. Default 1000, 1 to 100000; as many as hosts_max or more for no share.</summary>
    [Range(1, 100_000)]
    public int HostsPerSourceMax { get; set; } = 1_000;

    /// <summary>Devices of a host. Default 64, 1 to 10000.</summary>
    [Range(1, 10_000)]
    public int InterfacesPerHostMax { get; set; } = 64;

    /// <summary>Peers of a device. Default 10000, 1 to 1000000. So many a host may also bring at once when a source speaks for it the first time.</summary>
    [Range(1, 1_000_000)]
    public int PeersPerInterfaceMax { get; set; } = 10_000;

    /// <summary>Peers in all. Default 200000, 1 to 4000000. One takes about 60 bytes of the collector.</summary>
    [Range(1, 4_000_000)]
    public int PeersMax { get; set; } = 200_000;

    /// <summary>New peers a minute that a source may name of a host, once what it may bring at once is used up. Default 100, 0 to 1000000; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int NewPeersPerMinute { get; set; } = 100;

    /// <summary>How long a host, device or peer counts as known without a line of it. Default 24 h, 1 min to 365 days.</summary>
    [DurationRange("1m", "365d")]
    public TimeSpan IdentitiesKept { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The same limits, to be changed for another use.</summary>
    internal LimitOptions Clone() => (LimitOptions)MemberwiseClone();

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (PeersMax < PeersPerInterfaceMax) yield return new("peers_max", "must not be smaller than peers_per_interface_max");
    }
}
