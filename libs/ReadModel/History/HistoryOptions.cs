using System.ComponentModel.DataAnnotations;

namespace WgMonitor.ReadModel.History;

/// <summary>Section <c>[history]</c>: how the past of the log is kept at hand. The projector writes the points, the API reads them.</summary>
public sealed class HistoryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "history";

    /// <summary>
    /// Entries of a partition between two history points. Default 5000, 0 to 100000; 0 writes none, and a past moment can be told only as far as
    /// <see cref="FoldEntriesMax"/> reaches. Smaller: faster answers, more memory.
    /// </summary>
    [Range(0, 100_000)]
    public int EveryEntries { get; set; } = 5_000;

    /// <summary>Time between two looks whether a partition has grown by that much. Default 2 s, 10 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Entries of a partition folded, or looked through, for one answer at most. Default 100000, 1000 to 10000000. A moment that lies further behind the
    /// newest point before it is refused, and a search gives what it found so far.
    /// </summary>
    [Range(1_000, 10_000_000)]
    public int FoldEntriesMax { get; set; } = 100_000;

    /// <summary>
    /// Archived entries read for one answer at most, where the archive is on: of all partitions together, or of the one of a host. Default 2000000, 0 to 1000000000;
    /// 0 reads none. A moment that needs more is refused.
    /// </summary>
    [Range(0, 1_000_000_000)]
    public long ArchiveEntriesMax { get; set; } = 2_000_000;

    /// <summary>
    /// How long points are kept when their entries are only in the archive any more. Default 0 s, which lets them go with the entries; up to 3650 days. Without them
    /// a moment is told from the beginning of the archive.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; set; } = TimeSpan.Zero;
}
