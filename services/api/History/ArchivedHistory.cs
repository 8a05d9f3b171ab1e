using System.Runtime.CompilerServices;
using WgMonitor.Archive;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Api.History;

/// <summary>
/// The entries of the past from the log and, where that is trimmed, from the archive. They meet at one ID, the oldest that the log holds: each entry comes from
/// one of the two. What is damaged is missing, and told so.
/// </summary>
public sealed class ArchivedHistory : IEventHistory, IDisposable
{
    /// <summary>Answers that read files at once: reading and unpacking them takes a core, and each has a row group in memory.</summary>
    private const int ReadersMax = 2;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim readers = new(ReadersMax);
    private readonly LogHistory log;
    private readonly ArchiveReader archive;
    private readonly ArchivedLogReader both;

    /// <param name="directory">The archive's directory; nothing is written there.</param>
    /// <param name="damage">Told of what is damaged.</param>
    /// <param name="reader">The log.</param>
    /// <param name="extents">Tells where the log begins.</param>
    public ArchivedHistory(string directory, ArchiveDamage damage, LogReader reader, LogExtentReader extents)
    {
        log = new LogHistory(reader);
        archive = new ArchiveReader(directory, damage);
        both = new ArchivedLogReader(archive, reader, extents);
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveBusyException">Others have been reading files for long.</exception>
    public async IAsyncEnumerable<IReadOnlyList<StreamEntry>> ReadAllAsync(
        int partition, StreamId after, StreamId last, int pageMax, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(await CountArchivedAsync(partition, after, last, cancellationToken) > 0, cancellationToken);
        while (true)
        {
            var page = await both.ReadForwardAsync(partition, after, last, pageMax, cancellationToken);
            if (page.Count > 0) yield return page;
            if (page.Count < pageMax) yield break;
            after = page[^1].Id;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveBusyException">Others have been reading files for long.</exception>
    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(int partition, IReadOnlyList<StreamId> ids, CancellationToken cancellationToken)
    {
        // The log first: what is trimmed behind its answer is in the archive by then.
        var kept = await log.ReadAsync(partition, ids, cancellationToken);
        if (kept.Count == ids.Count) return kept;
        var there = kept.Select(entry => entry.Id).ToHashSet();
        using var turn = await TurnAsync(true, cancellationToken);
        var archived = await archive.FindAsync(partition, [.. ids.Where(id => !there.Contains(id))], cancellationToken);
        return [.. kept.Concat(archived).OrderBy(entry => entry.Id)];
    }

    /// <inheritdoc/>
    public async Task<KeptEntries> ReadKeptAsync(int partition, CancellationToken cancellationToken)
    {
        var extent = await both.ExtentAsync(partition, cancellationToken);
        return new(extent.IsBegunAnew ? extent.LogFirst.Previous() : StreamId.Zero, [.. extent.Gaps.Select(gap => new MissingEntries(gap.After, gap.Before))]);
    }

    /// <inheritdoc/>
    public async Task<long> CountArchivedAsync(int partition, StreamId after, StreamId last, CancellationToken cancellationToken)
    {
        var begin = (await both.ExtentAsync(partition, cancellationToken)).LogFirst;
        if (begin != StreamId.Zero && begin <= last) last = begin.Previous();
        return last <= after ? 0 : archive.CountAbout(partition, after, last);
    }

    /// <inheritdoc/>
    public void Dispose() => readers.Dispose();

    private async Task<IDisposable?> TurnAsync(bool isNeeded, CancellationToken cancellationToken)
    {
        if (!isNeeded) return null;
        return await readers.WaitAsync(WaitMax, cancellationToken) ? new Turn(readers) : throw new ArchiveBusyException();
    }

    private sealed class Turn(SemaphoreSlim readers) : IDisposable
    {
        public void Dispose() => readers.Release();
    }
}

/// <summary>As many answers as may read files at once have been doing so for long. The message says what to do.</summary>
public sealed class ArchiveBusyException() : Exception("Other questions about archived times are being answered. Ask again later, or for one host, or for a shorter time.");
