using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Archive;

/// <summary>Section <c>[archive]</c>: old events as files, before they are trimmed from the log.</summary>
public sealed class ArchiveOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "archive";

    /// <summary>
    /// Where the files lie. All projectors of one log need the same directory; it is made where it is missing, and the process ends with 78 where it cannot be written. Default none: trimmed events are gone, except for what
    /// they came to.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>Files of days longer ago are deleted. Default 0 s, which keeps them for ever; up to 3650 days. Without the oldest ones a rebuild from the archive is incomplete.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; set; } = TimeSpan.Zero;

    /// <summary>Events of a partition that are waited for before a file is written, unless they have to be trimmed earlier. Default 100000, 1 to 10000000.</summary>
    [Range(1, 10_000_000)]
    public int FileEntries { get; set; } = 100_000;

    /// <summary>How long an event waits at most until it is archived. Default 1 hour, 50 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan FileAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A directory is given.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Directory);
}
