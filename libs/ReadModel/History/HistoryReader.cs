using System.Text;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// The state of the log at a past moment. An entry counts when the time in its ID is not later than the moment: the newest point before it, and the
/// entries since, folded by the same fold as everything else.
/// </summary>
public sealed class HistoryReader(PointReader points, IEventHistory entries, PassedEntries passed, HistoryOptions options, StateOptions state, int partitions)
{
    private const int PageMax = 2_000;
    private const int AttemptsMax = 3;

    /// <summary>Partitions of the log.</summary>
    public int Partitions => partitions;

    /// <summary>All hosts, or one, at a moment.</summary>
    /// <param name="at">Unix milliseconds; entries of that millisecond count.</param>
    /// <param name="host">The only one asked for; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="HistoryBehindException">The points have not come that far yet, or there are none.</exception>
    public async Task<Moment> ReadMomentAsync(long at, string? host, CancellationToken cancellationToken)
    {
        var asked = host is null ? Enumerable.Range(0, partitions) : [PartitionOf(host)];
        return new(await Task.WhenAll(asked.Select(partition => ReadPartitionAsync(partition, LastOf(at), host, cancellationToken))));
    }

    /// <summary>One partition after all entries up to <paramref name="last"/>.</summary>
    /// <exception cref="HistoryBehindException">The points have not come that far yet, or there are none.</exception>
    public async Task<PartitionMoment> ReadPartitionAsync(int partition, StreamId last, string? host, CancellationToken cancellationToken)
    {
        StreamId? knownSince = null;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var all = await points.ReadPointsAsync(partition, cancellationToken);
            var kept = await entries.ReadKeptAsync(partition, cancellationToken);
            var usable = all.Where(point => kept.IsWholeAfter(point.Id)).ToList();
            knownSince = kept.IsWhole ? StreamId.Zero : usable.Count > 0 ? usable[0].Id : null;
            var newest = LastIndexUpTo(all, last);
            if (newest < 0 || !kept.IsWholeAfter(all[newest].Id))
            {
                if (!kept.IsWhole) return PartitionMoment.Unknown(knownSince);
                newest = -1;
            }
            var start = newest < 0 ? PointState.Beginning(points, partition) : await points.OpenAsync(partition, all, newest, cancellationToken);
            // Old points go with the old entries, perhaps just now.
            if (start is null) continue;
            var window = await ReadWindowAsync(partition, start, last, host, cancellationToken);
            if (!(await entries.ReadKeptAsync(partition, cancellationToken)).IsWholeAfter(start.Point.Id)) continue;
            return PartitionMoment.Of(start, window, state, knownSince, [.. all.Take(newest + 1)]);
        }
        return PartitionMoment.Unknown(knownSince);
    }

    private async Task<List<StreamEntry>> ReadWindowAsync(int partition, PointState start, StreamId last, string? host, CancellationToken cancellationToken)
    {
        var filter = new EntryFilter(host is not null && start.Has(host) ? host : null);
        var window = new List<StreamEntry>();
        var after = start.Point.Id;
        for (var read = 0; ;)
        {
            var page = await entries.ReadForwardAsync(partition, after, last, PageMax, cancellationToken);
            window.AddRange(await passed.LeaveOutAsync(partition, filter.IsAll ? page : [.. page.Where(filter.Wants)], cancellationToken));
            if (page.Count < PageMax) return window;
            if ((read += page.Count) > options.FoldEntriesMax) throw new HistoryBehindException(partition, start.Point.Id, options.FoldEntriesMax);
            after = page[^1].Id;
        }
    }

    /// <summary>The partition of a host.</summary>
    public int PartitionOf(string host) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), partitions);

    /// <summary>The last position that a moment can hold.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public static StreamId LastOf(long at) => new(at, long.MaxValue);

    private static int LastIndexUpTo(IReadOnlyList<HistoryPoint> all, StreamId last)
    {
        var index = all.Count - 1;
        while (index >= 0 && all[index].Id > last) index--;
        return index;
    }
}

/// <summary>A moment lies too far behind the newest history point before it. The message is one sentence that says what to do.</summary>
/// <param name="partition">0 to partitions - 1.</param>
/// <param name="point">Where the point is; zero for the beginning of the log.</param>
/// <param name="entriesMax">What one answer may fold.</param>
public sealed class HistoryBehindException(int partition, StreamId point, int entriesMax)
    : Exception($"More than {entriesMax} entries of partition {partition} lie between the last history point ({point}) and that moment (history.fold_entries_max). Points are written by the projector while history.every_entries is not 0.");
