using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>What was found in a partition.</summary>
/// <param name="Entries">In their order.</param>
/// <param name="ScannedTo">Everything up to here was looked at.</param>
/// <param name="IsEnd">Nothing wanted lies behind it.</param>
internal sealed record ScannedEvents(IReadOnlyList<StreamEntry> Entries, StreamId ScannedTo, bool IsEnd);

/// <summary>Looks through a partition for the entries that a filter wants: by the index of each history point, else entry by entry.</summary>
internal sealed class EventScan(PointReader points, IEventHistory entries, int partition, EntryFilter filter)
{
    private const int PageMax = 1_000;

    /// <summary>Entries asked for one by one at once.</summary>
    private const int AskedMax = 250;

    private const int IndexesAtOnce = 16;

    private readonly List<StreamEntry> found = [];
    private StreamId reached;
    private int budget;

    public async Task<ScannedEvents> RunAsync(StreamId after, StreamId last, int limit, int entriesMax, CancellationToken cancellationToken)
    {
        (reached, budget) = (after, entriesMax);
        if (filter.Host is not null && !await ByIndexAsync(last, limit, cancellationToken)) return new(found, reached, false);
        var end = await EachAsync(last, limit, cancellationToken);
        return new(found, reached, end);
    }

    /// <summary>From point to point while there are any; false when enough was found or looked at.</summary>
    private async Task<bool> ByIndexAsync(StreamId last, int limit, CancellationToken cancellationToken)
    {
        var ahead = (await points.ReadPointsAsync(partition, cancellationToken)).Where(point => point.Id > reached && point.From < last).ToList();
        foreach (var some in ahead.Chunk(IndexesAtOnce))
        {
            var indexes = await Task.WhenAll(some.Select(point => points.ReadAsync(partition, point, PointFields.Entries, cancellationToken)));
            for (var i = 0; i < some.Length; i++)
            {
                // Before the first point, between two that do not meet, and where one cannot be read, there is no index.
                var gap = indexes[i] is null ? some[i].Id : some[i].From;
                if (reached < gap && !await EachAsync(gap < last ? gap : last, limit, cancellationToken)) return false;
                if (indexes[i] is { } index && !await TakeAsync(EntryIndex.Find(index, some[i].From, filter), some[i].Id, last, limit, cancellationToken)) return false;
            }
        }
        return true;
    }

    private async Task<bool> TakeAsync(List<StreamId> ids, StreamId end, StreamId last, int limit, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Where(id => id > reached && id <= last).ToList().Chunk(AskedMax))
        {
            foreach (var entry in await entries.ReadAsync(partition, some, cancellationToken))
            {
                if (found.Count == limit) return false;
                if (filter.Wants(entry)) found.Add(entry);
                reached = entry.Id;
            }
            if ((budget -= some.Length) < 0) return false;
        }
        if (found.Count == limit) return false;
        reached = end < last ? end : last;
        return true;
    }

    /// <summary>Entry by entry; true when the end was reached, false when enough was found or looked at.</summary>
    private async Task<bool> EachAsync(StreamId last, int limit, CancellationToken cancellationToken)
    {
        if (reached >= last) return true;
        if (budget <= 0) return false;
        await foreach (var page in entries.ReadAllAsync(partition, reached, last, filter.IsAll ? Math.Min(limit + 1, PageMax) : PageMax, cancellationToken))
        {
            foreach (var entry in page)
            {
                if (filter.Wants(entry))
                {
                    if (found.Count == limit) return false;
                    found.Add(entry);
                }
                reached = entry.Id;
            }
            // Whoever asks on from here finds out whether this was the end.
            if ((budget -= page.Count) <= 0 && reached < last) return false;
        }
        return true;
    }
}
