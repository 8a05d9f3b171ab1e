using System.ComponentModel.DataAnnotations;
using WgMonitor.Events;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>What a rule looks for.</summary>
public enum RuleKind
{
    /// <summary>A peer is reached at another endpoint.</summary>
    EndpointChanged,

    /// <summary>No line of a host came for much longer than usual.</summary>
    HostSilent,

    /// <summary>A host that was silent is heard again.</summary>
    HostHeard,

    /// <summary>Lines of a host are missing, or may be.</summary>
    Gap,
}

/// <summary>What becomes of an alert whose lines are trusted less than its rule asks for.</summary>
public enum UnprovenAlerts
{
    /// <summary>It is raised, and says that it is unproven.</summary>
    Mark,

    /// <summary>It is counted and not raised.</summary>
    Suppress,
}

/// <summary><c>[[notifier.rule]]</c>: one kind of finding that becomes an alert.</summary>
public sealed class RuleOptions
{
    /// <summary>What to look for: <c>endpoint-changed</c>, <c>host-silent</c>, <c>host-heard</c>, or <c>gap</c> (lines of a host are missing; not a silence). Required.</summary>
    [Required]
    public RuleKind? Kind { get; set; }

    /// <summary>
    /// Name in alerts and metrics. Default: the kind. 1 to 64 of letters, digits, <c>. _ -</c>. Part of an alert's id: under a new name the same
    /// finding is another alert.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string? Name { get; set; }

    /// <summary>False keeps the rule in the file without effect. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Of endpoint-changed: also tell when only the port changed, as a NAT does now and then. Default true.</summary>
    public bool PortChanges { get; set; } = true;

    /// <summary>
    /// What the transport must have proved of the sender: <c>udp</c> (default: nothing), <c>tcp</c>, <c>tls</c> or <c>tls-client-cert</c>. An alert
    /// that rests on less is handled as <see cref="Unproven"/> says.
    /// </summary>
    public TrustLevel MinTrust { get; set; } = TrustLevel.Udp;

    /// <summary>
    /// What becomes of an alert below <see cref="MinTrust"/>: <c>mark</c> (default) raises it and says so, <c>suppress</c> only counts it. Whoever can
    /// send over the weaker transport can then also hide a change: by telling it first.
    /// </summary>
    public UnprovenAlerts Unproven { get; set; } = UnprovenAlerts.Mark;

    internal string EffectiveName => Name ?? DefaultName(Kind ?? RuleKind.EndpointChanged);

    private static string DefaultName(RuleKind kind) => kind switch
    {
        RuleKind.HostSilent => AlertRecord.HostSilentKind,
        RuleKind.HostHeard => AlertRecord.HostHeardKind,
        RuleKind.Gap => AlertRecord.GapKind,
        _ => AlertRecord.EndpointChangedKind,
    };
}
