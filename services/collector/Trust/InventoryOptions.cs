using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Collector;

/// <summary>Which hosts and devices there are.</summary>
public enum InventoryMode
{
    /// <summary>Those that lines name, within <c>[collector.limits]</c>.</summary>
    Learn,

    /// <summary>Those of <c>[[collector.host]]</c>; lines of all others are dropped and counted.</summary>
    Strict,
}

/// <summary><c>[[collector.host]]</c>: a host whose lines are taken where <c>inventory = "strict"</c>.</summary>
public sealed class InventoryHostOptions
{
    /// <summary>Name as in events: lower case, without the domains of <c>collector.strip_domains</c>. Required.</summary>
    [Required]
    public string? Name { get; set; }

    /// <summary>Its devices. Default empty: all.</summary>
    public List<string> Interfaces { get; set; } = [];
}
