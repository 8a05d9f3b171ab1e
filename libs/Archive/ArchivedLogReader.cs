using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>
/// The archive and the log as one: what the log still holds is taken from there, what it does not hold any more from the archive. So entries that Redis lost in a
/// failover after they were archived do not come back in between.
/// </summary>
/// <param name="archive">The files.</param>
/// <param name="log">The log.</param>
/// <param name="extents">Tells where the log begins.</param>
public sealed class ArchivedLogReader(ArchiveReader archive, LogReader log, LogExtentReader extents) : IEntryReader
{
    /// <inheritdoc/>
    /// <exception cref="ArchiveDamagedException">A file is not what was written.</exception>
    public async Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken)
    {
        var begin = await BeginAsync(partition, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var page = await ReadAsync(partition, begin, after, last, countMax, cancellationToken).ConfigureAwait(false);
            var now = await BeginAsync(partition, cancellationToken).ConfigureAwait(false);
            if (now == begin || now <= after) return page;
            // Trimmed meanwhile: some of what was to come from the log lies in the archive now.
            begin = now;
        }
    }

    private async Task<StreamId> BeginAsync(int partition, CancellationToken cancellationToken) =>
        (await extents.ReadAsync(partition, measure: false, cancellationToken).ConfigureAwait(false)).First;

    private async Task<List<StreamEntry>> ReadAsync(int partition, StreamId begin, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken)
    {
        var page = new List<StreamEntry>();
        if (begin == StreamId.Zero || after < begin)
        {
            var until = begin == StreamId.Zero || last < begin ? last : Before(begin);
            page = await archive.ReadForwardAsync(partition, after, until, countMax, cancellationToken).ConfigureAwait(false);
        }
        if (page.Count == countMax || begin == StreamId.Zero || last < begin) return page;
        page.AddRange(await log.ReadForwardAsync(partition, page.Count > 0 ? page[^1].Id : after, last, countMax - page.Count, cancellationToken).ConfigureAwait(false));
        return page;
    }

    private static StreamId Before(StreamId id) => id.Sequence > 0 ? new(id.Milliseconds, id.Sequence - 1) : new(id.Milliseconds - 1, long.MaxValue);

    /// <summary>What is missing: in the archive, and between it and the log, oldest first. A gap that begins at zero is the beginning.</summary>
    /// <exception cref="ArchiveDamagedException">A manifest is none.</exception>
    public async Task<IReadOnlyList<ArchiveGap>> GapsAsync(int partition, CancellationToken cancellationToken) =>
        (await ExtentAsync(partition, cancellationToken).ConfigureAwait(false)).Gaps;

    /// <summary>How far both reach together, without reading the files themselves.</summary>
    /// <exception cref="ArchiveDamagedException">A manifest is none.</exception>
    public async Task<ArchivedLogExtent> ExtentAsync(int partition, CancellationToken cancellationToken)
    {
        var now = await extents.ReadAsync(partition, measure: false, cancellationToken).ConfigureAwait(false);
        var gaps = GapsOf(archive.Extent(partition), now);
        var anew = now.Removed == 0 && now.First != StreamId.Zero && gaps.Any(gap => gap.Before == now.First);
        return new(now.First, anew, gaps);
    }

    private static List<ArchiveGap> GapsOf(ArchiveExtent extent, LogExtent now)
    {
        if (extent.Files == 0) return now.Removed > 0 ? [new(StreamId.Zero, now.First == StreamId.Zero ? StreamId.Max : now.First)] : [];
        var gaps = new List<ArchiveGap>();
        // A log from which nothing was ever removed needs no archive.
        if (!extent.IsFromTheBeginning && now.Removed > 0) gaps.Add(new(StreamId.Zero, extent.First));
        gaps.AddRange(extent.Gaps);
        if (!Follows(extent, now)) gaps.Add(new(extent.Last, now.First == StreamId.Zero ? StreamId.Max : now.First));
        return gaps;
    }

    /// <summary>Nothing is missing between the two. A log that has taken fewer entries than were archived was made anew, and nobody knows what it held before.</summary>
    private static bool Follows(ArchiveExtent archived, LogExtent log)
    {
        if (log.First != StreamId.Zero && log.First <= archived.Last) return true;
        return archived.EntriesAdded is { } added && log.Removed <= added && log.EntriesAdded >= added;
    }
}

/// <summary>How far archive and log reach together.</summary>
/// <param name="LogFirst">Oldest entry that the log holds; zero for none.</param>
/// <param name="IsBegunAnew">The log was lost, and what it holds is all of another one: nothing before it went into what follows.</param>
/// <param name="Gaps">What is missing, oldest first. A gap that begins at zero is the beginning.</param>
public sealed record ArchivedLogExtent(StreamId LogFirst, bool IsBegunAnew, IReadOnlyList<ArchiveGap> Gaps);
