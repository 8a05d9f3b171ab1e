using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Notifier;

/// <summary>What a rule looks for.</summary>
public enum RuleKind
{
    /// <summary>A peer is reached at another endpoint.</summary>
    EndpointChanged,
}

/// <summary><c>[[notifier.rule]]</c>: one kind of finding that becomes an alert.</summary>
public sealed class RuleOptions
{
    /// <summary>What to look for: <c>endpoint-changed</c>. Required.</summary>
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

    /// <summary>Also tell when only the port changed, as a NAT does now and then. Default true.</summary>
    public bool PortChanges { get; set; } = true;

    internal string EffectiveName => Name ?? "endpoint-changed";
}
