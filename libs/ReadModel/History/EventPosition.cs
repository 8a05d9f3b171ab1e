using System.Globalization;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// How far a reader of all partitions has read each of them. Partitions are written independently, so one position for all would pass over, or repeat,
/// what is appended while somebody reads.
/// </summary>
/// <param name="After">The last entry read, a partition.</param>
public sealed record EventPosition(IReadOnlyList<StreamId> After)
{
    /// <summary>Before every entry of a millisecond, in all partitions.</summary>
    public static EventPosition Before(int partitions, long milliseconds) => new([.. Enumerable.Repeat(new StreamId(milliseconds, 0).Previous(), partitions)]);

    /// <summary>E.g. <c>1763820629123.0.-12.4.88.0</c>: milliseconds and sequence of each partition, milliseconds as the distance to the first.</summary>
    public override string ToString()
    {
        var words = After.SelectMany((id, partition) => new[] { partition == 0 ? id.Milliseconds : id.Milliseconds - After[0].Milliseconds, id.Sequence == long.MaxValue ? -1 : id.Sequence });
        return string.Join('.', words.Select(word => word.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>The reverse; false for a text that is none of a log with so many partitions.</summary>
    public static bool TryParse(string? text, int partitions, out EventPosition position)
    {
        position = new([]);
        var words = text?.Split('.') ?? [];
        if (words.Length != partitions * 2) return false;
        var after = new StreamId[partitions];
        for (var partition = 0; partition < partitions; partition++)
        {
            if (!long.TryParse(words[partition * 2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)) return false;
            if (!long.TryParse(words[partition * 2 + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sequence) || sequence < -1) return false;
            if (partition > 0) milliseconds = unchecked(milliseconds + after[0].Milliseconds);
            if (milliseconds < 0) return false;
            after[partition] = new StreamId(milliseconds, sequence < 0 ? long.MaxValue : sequence);
        }
        position = new(after);
        return true;
    }

    public bool Equals(EventPosition? other) => other is not null && After.SequenceEqual(other.After);

    public override int GetHashCode() => After.Aggregate(0, HashCode.Combine);
}
