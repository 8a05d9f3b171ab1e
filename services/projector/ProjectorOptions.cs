using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Projector;

/// <summary>Section <c>[projector]</c>.</summary>
public sealed class ProjectorOptions
{
    /// <summary>Entries kept aside in each partition because they could not be applied. Default 10000, 1 to 1000000; the oldest go first.</summary>
    [Range(1, 1_000_000)]
    public long ParkedMax { get; set; } = 10_000;
}
