using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>An entry and where it stands.</summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Entry">The entry.</param>
public readonly record struct LoggedEvent(int Partition, StreamEntry Entry);

/// <summary>A part of the log.</summary>
/// <param name="Events">In order of their IDs. Fewer than asked for, even none, where much had to be looked through.</param>
/// <param name="Position">To go on from.</param>
/// <param name="IsEnd">Nothing further was there.</param>
/// <param name="IsComplete">Nothing between the position that was read from and <paramref name="Position"/> is missing.</param>
/// <param name="KnownSince">The earliest moment from which every partition keeps its entries, Unix milliseconds: 0 when nothing is missing.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, EventPosition Position, bool IsEnd, bool IsComplete, long KnownSince);

/// <summary>Reads the log of all partitions forward. The history points tell which entries belong to a host or peer, so that those between need not be read.</summary>
public sealed class EventReader(PointReader points, IEventHistory entries, HistoryOptions options, int partitions)
{
    /// <summary>Partitions of the log.</summary>
    public int Partitions => partitions;

    /// <summary>The next entries behind a position.</summary>
    /// <param name="from">What was read already.</param>
    /// <param name="last">Last position wanted in any partition.</param>
    /// <param name="partition">The only one to read; null for all.</param>
    /// <param name="filter">Which entries.</param>
    /// <param name="limit">Entries at most, 1 or more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<EventPage> ReadAsync(EventPosition from, StreamId last, int? partition, EntryFilter filter, int limit, CancellationToken cancellationToken)
    {
        int[] asked = partition is { } one ? [one] : [.. Enumerable.Range(0, partitions)];
        var budget = options.FoldEntriesMax / asked.Length;
        var scans = await Task.WhenAll(asked.Select(each =>
            new EventScan(points, entries, each, filter).RunAsync(from.After[each], last, limit, budget, cancellationToken)));
        // Asked for behind the reading, which finds out what is damaged; what is trimmed in between makes the answer too modest, never too bold.
        var kept = await Task.WhenAll(asked.Select(each => entries.ReadKeptAsync(each, cancellationToken)));

        // Who stopped early has more before the later entries of the others.
        var cut = scans.Where(scan => !scan.IsEnd).Select(scan => scan.ScannedTo).DefaultIfEmpty(StreamId.Max).Min();
        var found = scans.SelectMany((scan, index) => scan.Entries.Select(entry => new LoggedEvent(asked[index], entry)))
            .Where(logged => logged.Entry.Id <= cut).OrderBy(logged => logged.Entry.Id).ThenBy(logged => logged.Partition).ToList();
        var more = found.Count > limit;
        if (more) found.RemoveRange(limit, found.Count - limit);

        var after = from.After.ToArray();
        for (var index = 0; index < asked.Length; index++) after[asked[index]] = Reached(scans[index], asked[index], found, more, cut, after[asked[index]]);
        var end = !more && scans.All(scan => scan.IsEnd);
        var complete = asked.Select((each, index) => kept[index].IsWholeBetween(from.After[each], end ? last : after[each])).All(whole => whole);
        return new(found, new EventPosition(after), end, complete, kept.Max(each => each.WholeSince.Milliseconds));
    }

    /// <summary>How far a partition counts as read: to its last entry on the page, or, when all that was found is on it, as far as was looked.</summary>
    private static StreamId Reached(ScannedEvents scan, int partition, List<LoggedEvent> page, bool more, StreamId cut, StreamId before)
    {
        var reached = before;
        foreach (var logged in page)
        {
            if (logged.Partition == partition) reached = logged.Entry.Id;
        }
        if (more) return reached;
        var looked = scan.ScannedTo < cut ? scan.ScannedTo : cut;
        return looked > reached ? looked : reached;
    }
}
