using System.Text;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// The state of the log at a past moment. An entry counts when the time in its ID is not later than the moment: the newest point before it, or the beginning
/// of the log, and the entries since, folded by the same fold as everything else.
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
    /// <exception cref="HistoryBehindException">Too many entries lie between the moment and what it can be told from.</exception>
    public async Task<Moment> ReadMomentAsync(long at, string? host, CancellationToken cancellationToken)
    {
        int[] asked = host is null ? [.. Enumerable.Range(0, partitions)] : [PartitionOf(host)];
        return new(await Task.WhenAll(asked.Select(partition => ReadPartitionAsync(partition, LastOf(at), host, asked.Length, cancellationToken))));
    }

    /// <summary>One partition after all entries up to <paramref name="last"/>.</summary>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="last">The last entry that counts.</param>
    /// <param name="host">The only one asked for; null for all.</param>
    /// <param name="asked">Partitions that the same answer is made of, which share what may be read of the archive.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="HistoryBehindException">Too many entries lie between the moment and what it can be told from.</exception>
    public async Task<PartitionMoment> ReadPartitionAsync(int partition, StreamId last, string? host, int asked, CancellationToken cancellationToken)
    {
        StreamId? knownSince = null;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var all = await points.ReadPointsAsync(partition, cancellationToken);
            var kept = await entries.ReadKeptAsync(partition, cancellationToken);
            knownSince = MomentStart.KnownSince(all, kept);
            if (MomentStart.Of(all, kept, last) is not { } from) return PartitionMoment.Unknown(knownSince);
            var start = from.Index < 0 ? PointState.Beginning(points, partition) : await points.OpenAsync(partition, all, from.Index, cancellationToken);
            // Old points go with the old entries, perhaps just now.
            if (start is null) continue;
            var window = new MomentWindow(start, from, state, host);
            await ReadAsync(partition, window, last, asked, cancellationToken);
            // What was read is damaged, or was trimmed meanwhile.
            if ((await entries.ReadKeptAsync(partition, cancellationToken)).IsWholeBetween(from.After, last) != from.IsWhole) continue;
            return window.ToMoment(knownSince, [.. all.Take(from.Index + 1)]);
        }
        return PartitionMoment.Unknown(knownSince);
    }

    private async Task ReadAsync(int partition, MomentWindow window, StreamId last, int asked, CancellationToken cancellationToken)
    {
        if (last <= window.After) return;
        var archived = await entries.CountArchivedAsync(partition, window.After, last, cancellationToken);
        if (archived > options.ArchiveEntriesMax / asked) throw HistoryBehindException.InArchive(partition, window.After, archived, options.ArchiveEntriesMax / asked, asked > 1);
        if (archived > 0) window.FoldAtOnce();
        long read = 0;
        await foreach (var page in entries.ReadAllAsync(partition, window.After, last, PageMax, cancellationToken))
        {
            await window.AddAsync(await passed.LeaveOutAsync(partition, page, cancellationToken), cancellationToken);
            if ((read += page.Count) > archived + options.FoldEntriesMax && page.Count == PageMax) throw HistoryBehindException.InLog(partition, window.After, options.FoldEntriesMax);
        }
    }

    /// <summary>
    /// What the entries before the points of a moment ended and began, of one host or all: those whose points are gone, but which an archive still holds. Null when
    /// they are not all there.
    /// </summary>
    /// <exception cref="HistoryBehindException">There are too many of them.</exception>
    internal async Task<IReadOnlyList<HistoryRecord>?> ReadOlderRecordsAsync(int partition, StreamId last, string? host, int asked, CancellationToken cancellationToken)
    {
        var kept = await entries.ReadKeptAsync(partition, cancellationToken);
        if (!kept.IsWholeBetween(kept.Origin, last)) return null;
        var from = new MomentStart(-1, kept.Origin, true);
        var window = new MomentWindow(PointState.Beginning(points, partition), from, state, host);
        window.FoldAtOnce();
        await ReadAsync(partition, window, last, asked, cancellationToken);
        if (!(await entries.ReadKeptAsync(partition, cancellationToken)).IsWholeBetween(kept.Origin, last)) return null;
        return window.ToMoment(StreamId.Zero, []).Records;
    }

    /// <summary>The partition of a host.</summary>
    public int PartitionOf(string host) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), partitions);

    /// <summary>The last position that a moment can hold.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public static StreamId LastOf(long at) => new(at, long.MaxValue);
}

/// <summary>A moment lies too far behind what it can be told from. The message says what to do.</summary>
public sealed class HistoryBehindException : Exception
{
    private HistoryBehindException(string message) : base(message)
    {
    }

    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="point">Where the point is; zero for the beginning of the log.</param>
    /// <param name="entriesMax">What one answer may fold.</param>
    internal static HistoryBehindException InLog(int partition, StreamId point, int entriesMax) => new(
        $"More than {entriesMax} entries of partition {partition} lie between the last history point ({point}) and that moment (history.fold_entries_max). Points are written by the projector while history.every_entries is not 0.");

    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="point">From where they would have to be read; zero for the beginning of the log.</param>
    /// <param name="entries">How many there are.</param>
    /// <param name="entriesMax">What one answer may read of the partition.</param>
    /// <param name="isOfAll">All partitions were asked.</param>
    internal static HistoryBehindException InArchive(int partition, StreamId point, long entries, long entriesMax, bool isOfAll) => new(
        $"About {entries} archived entries of partition {partition} lie between {(point == StreamId.Zero ? "the beginning of the log" : $"the last history point ({point})")} and that moment, and {entriesMax} may be read for this answer (history.archive_entries_max)."
        + (isOfAll ? " A question about one host reads one partition only, and so may read more of it." : "")
        + " Points are kept for longer with history.keep.");
}
