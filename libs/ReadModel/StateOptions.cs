using System.ComponentModel.DataAnnotations;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// Section <c>[state]</c>: how much folded state there may be. Anybody who can send a datagram can invent hosts and peers. Projector and notifier read the
/// same section, so that both conclude the same from the same log.
/// </summary>
public sealed class StateOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "state";

    /// <summary>Hosts of a partition. Default 2000, 1 to 1000000. Events of further ones are counted and not applied; known hosts go on.</summary>
    [Range(1, 1_000_000)]
    public int HostsMax { get; set; } = 2_000;

    /// <summary>Peers of a host, gone ones included, which make room for new ones. Default 10000, 1 to 200000. Further ones are counted and not followed.</summary>
    [Range(1, 200_000)]
    public int PeersPerHostMax { get; set; } = FoldLimits.Default.PeersMax;

    /// <summary>The bounds of one host, as the fold wants them.</summary>
    public FoldLimits ToFoldLimits() => FoldLimits.Default with { PeersMax = PeersPerHostMax };
}
