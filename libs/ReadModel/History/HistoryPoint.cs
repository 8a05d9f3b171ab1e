using System.Globalization;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>The state of a partition after one entry of its log, whole or as the difference to the point before.</summary>
/// <param name="Number">Counts the points of a partition, from 1.</param>
/// <param name="Id">Entry it stands for: all entries up to it are folded.</param>
/// <param name="From">Entry of the point before it; what this one holds of entries lies behind that.</param>
/// <param name="IsFull">Holds every host; otherwise the hosts and peers that changed since the point before.</param>
/// <param name="IsComplete">False when the log had been cut before anything was kept of its beginning.</param>
/// <param name="StateBytes">Packed size of the state in it.</param>
public readonly record struct HistoryPoint(long Number, StreamId Id, StreamId From, bool IsFull, bool IsComplete, long StateBytes)
{
    /// <summary>Before the first entry of a log that was never trimmed: nothing is known of anybody.</summary>
    public static HistoryPoint Beginning { get; } = new(0, StreamId.Zero, StreamId.Zero, true, true, 0);

    /// <summary>The member of the index, e.g. <c>1763820629123-4 1763820600000-0 delta complete 8122</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Id} {From} {(IsFull ? "full" : "delta")} {(IsComplete ? "complete" : "incomplete")} {StateBytes}");

    /// <summary>The reverse; false for a member that somebody else wrote.</summary>
    public static bool TryParse(string member, double score, out HistoryPoint point)
    {
        point = default;
        var words = member.Split(' ');
        if (words.Length != 5 || !StreamId.TryParse(words[0], out var id) || !StreamId.TryParse(words[1], out var from)) return false;
        if (!long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || !(score is >= 1 and < 1L << 53)) return false;
        point = new((long)score, id, from, words[2] == "full", words[3] == "complete", bytes);
        return true;
    }
}
