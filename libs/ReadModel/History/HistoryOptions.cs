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
}
