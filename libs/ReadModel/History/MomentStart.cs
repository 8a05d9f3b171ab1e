using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>From where a moment is told.</summary>
/// <param name="Index">Of the history point; -1 for the beginning of the log.</param>
/// <param name="After">Entries behind this are folded.</param>
/// <param name="IsWhole">All of them are there.</param>
internal readonly record struct MomentStart(int Index, StreamId After, bool IsWhole)
{
    /// <summary>
    /// The newest point from which all entries up to a position are there, or the beginning. Where some are missing in between, it is told over the gap, and
    /// that it is not all. Null where nothing is known: what was at the beginning is missing, or what was at the position itself.
    /// </summary>
    public static MomentStart? Of(IReadOnlyList<HistoryPoint> points, KeptEntries kept, StreamId last)
    {
        var newest = points.Count - 1;
        while (newest >= 0 && points[newest].Id > last) newest--;
        if (newest >= 0 && kept.IsWholeBetween(points[newest].Id, last)) return new(newest, points[newest].Id, true);
        var beginning = new MomentStart(-1, kept.Origin, true);
        if (kept.Origin <= last && kept.IsWholeBetween(kept.Origin, last)) return beginning;
        if (kept.Missing.Any(missing => missing.Holds(last))) return null;
        if (newest >= 0 && points[newest].Id >= kept.Origin && !IsBeheaded(kept, points[newest].Id, last)) return new(newest, points[newest].Id, false);
        return kept.Origin <= last && !IsBeheaded(kept, kept.Origin, last) ? beginning with { IsWhole = false } : null;
    }

    /// <summary>The earliest position from which on every moment can be told whole: zero for always, null for none.</summary>
    public static StreamId? KnownSince(IReadOnlyList<HistoryPoint> points, KeptEntries kept)
    {
        if (kept.IsWhole) return StreamId.Zero;
        StreamId? known = kept.IsWholeAfter(kept.Origin) ? kept.Origin : null;
        foreach (var point in points)
        {
            if (kept.IsWholeAfter(point.Id) && (known is null || point.Id < known)) known = point.Id;
        }
        return known;
    }

    /// <summary>What is missing in between begins with the log itself: whoever was there then is not known at all.</summary>
    private static bool IsBeheaded(KeptEntries kept, StreamId after, StreamId last) =>
        kept.Missing.Any(missing => missing.After == StreamId.Zero && missing.IsBetween(after, last));
}
