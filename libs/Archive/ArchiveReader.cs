using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>How far the archive of a partition reaches.</summary>
/// <param name="First">Oldest entry; zero for none.</param>
/// <param name="Last">Newest entry; zero for none.</param>
/// <param name="IsFromTheBeginning">No entry of the log is older than <paramref name="First"/>.</param>
/// <param name="EntriesAdded">Entries the log had ever taken up to <paramref name="Last"/>; null where that is not known.</param>
/// <param name="Gaps">What is missing between the two, oldest first: files that are not there, and what was lost before it could be archived.</param>
/// <param name="Files">Files that count.</param>
public sealed record ArchiveExtent(StreamId First, StreamId Last, bool IsFromTheBeginning, long? EntriesAdded, IReadOnlyList<ArchiveGap> Gaps, int Files);

/// <summary>
/// Reads an archive, as <see cref="LogReader"/> reads the log: each entry once, in order, exactly as it stood there. A file is compared with its checksum before
/// its first entry is given out. Files may be added and made one meanwhile. Holds some row groups (50,000 entries each) in memory.
/// </summary>
/// <param name="directory">The archive's directory.</param>
/// <param name="damage">Takes what is damaged, which is as missing then; without it, reading what is damaged throws.</param>
public sealed class ArchiveReader(string directory, ArchiveDamage? damage = null) : IEntryReader
{
    private const int TriesMax = 5;

    private readonly Lock gate = new();
    private readonly Dictionary<int, Listing> listings = [];
    private readonly ArchiveRowGroups groups = new(damage);

    private sealed record Listing(DateTime ChangedAt, IReadOnlyList<ArchiveManifest> Files, long ReadAt);

    /// <summary>What there is of a partition, without reading the files themselves.</summary>
    /// <exception cref="ArchiveDamagedException">A manifest is none.</exception>
    public ArchiveExtent Extent(int partition)
    {
        var folder = new ArchiveFolder(directory, partition);
        var all = ListAll(folder);
        var files = Undamaged(folder, all);
        if (files.Count == 0) return new(StreamId.Zero, StreamId.Zero, false, null, [], 0);
        var gaps = new List<ArchiveGap>();
        for (var i = 0; i < all.Count; i++)
        {
            // A file goes on from the one before; else files between them are not there.
            if (i > 0 && all[i].After > all[i - 1].Last) gaps.Add(new(all[i - 1].Last, all[i].First));
            gaps.AddRange(all[i].Gaps.Where(gap => gap.After != StreamId.Zero && (gaps.Count == 0 || gap.Before != gaps[^1].Before)));
            // Its manifest tells what a damaged file held. Before the first and behind the last of the others the extent ends.
            if (all[i].First > files[0].First && all[i].Last < files[^1].Last && !files.Contains(all[i])) gaps.Add(new(Before(all[i].First), all[i].Last.Next()));
        }
        gaps.RemoveAll(gap => gap.Before <= files[0].First || gap.After >= files[^1].Last);
        var begins = files[0].After == StreamId.Zero && !files[0].Gaps.Any(gap => gap.After == StreamId.Zero);
        return new(files[0].First, files[^1].Last, begins, files[^1].EntriesAdded, gaps, files.Count);
    }

    /// <summary>Entries between two positions, some more than there are: whole row groups are counted, and no file is read.</summary>
    /// <exception cref="ArchiveDamagedException">A manifest is none.</exception>
    public long CountAbout(int partition, StreamId after, StreamId last) =>
        ListAll(new ArchiveFolder(directory, partition)).SelectMany(manifest => manifest.RowGroups).Where(group => group.Last > after && group.First <= last).Sum(group => (long)group.Rows);

    /// <summary>Compares every file of a partition with its checksum.</summary>
    /// <exception cref="ArchiveDamagedException">One differs, or is missing.</exception>
    public async Task VerifyAsync(int partition, CancellationToken cancellationToken)
    {
        var folder = new ArchiveFolder(directory, partition);
        foreach (var manifest in List(folder)) await groups.VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveDamagedException">A file is not what was written.</exception>
    public Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        return RetriedAsync(partition, isLast => ReadAsync(new ArchiveFolder(directory, partition), after, last, countMax, isLast, cancellationToken));
    }

    /// <summary>The entries at these positions, which are given in their order; those that are not there are left out.</summary>
    /// <exception cref="ArchiveDamagedException">A file is not what was written.</exception>
    public Task<List<StreamEntry>> FindAsync(int partition, IReadOnlyList<StreamId> ids, CancellationToken cancellationToken) =>
        RetriedAsync(partition, isLast => FindAsync(new ArchiveFolder(directory, partition), ids, isLast, cancellationToken));

    /// <summary>Files of a day may just have become one; a file that stays away is told after some tries.</summary>
    private async Task<List<StreamEntry>> RetriedAsync(int partition, Func<bool, Task<List<StreamEntry>>> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await read(attempt == TriesMax).ConfigureAwait(false);
            }
            catch (ArchiveDamagedException exception) when (exception.IsMissing && attempt < TriesMax)
            {
                lock (gate) listings.Remove(partition);
            }
        }
    }

    private async Task<List<StreamEntry>> ReadAsync(ArchiveFolder folder, StreamId after, StreamId last, int countMax, bool isLastTry, CancellationToken cancellationToken)
    {
        var page = new List<StreamEntry>(Math.Min(countMax, 1000));
        foreach (var manifest in List(folder))
        {
            if (manifest.First > last) break;
            if (manifest.Last <= after) continue;
            for (var group = 0; group < manifest.RowGroups.Count; group++)
            {
                if (manifest.RowGroups[group].Last <= after) continue;
                if (await groups.LoadAsync(folder, manifest, group, isLastTry, cancellationToken).ConfigureAwait(false) is not { } rows) break;
                for (var row = rows.FirstAfter(after); row < rows.Count; row++)
                {
                    if (rows.IdOf(row) > last || page.Count == countMax) return page;
                    page.Add(rows.Entry(row));
                    after = rows.IdOf(row);
                }
                if (page.Count == countMax) return page;
            }
        }
        return page;
    }

    private async Task<List<StreamEntry>> FindAsync(ArchiveFolder folder, IReadOnlyList<StreamId> ids, bool isLastTry, CancellationToken cancellationToken)
    {
        var found = new List<StreamEntry>(ids.Count);
        var next = 0;
        foreach (var manifest in List(folder))
        {
            for (var group = 0; group < manifest.RowGroups.Count; group++)
            {
                var (first, last) = (manifest.RowGroups[group].First, manifest.RowGroups[group].Last);
                while (next < ids.Count && ids[next] < first) next++;
                if (next == ids.Count) return found;
                if (ids[next] > last) continue;
                var rows = await groups.LoadAsync(folder, manifest, group, isLastTry, cancellationToken).ConfigureAwait(false);
                for (; next < ids.Count && ids[next] <= last; next++)
                {
                    if (rows?.FirstAfter(ids[next]) is { } behind and > 0 && rows.IdOf(behind - 1) == ids[next]) found.Add(rows.Entry(behind - 1));
                }
            }
        }
        return found;
    }

    private IReadOnlyList<ArchiveManifest> List(ArchiveFolder folder) => Undamaged(folder, ListAll(folder));

    private IReadOnlyList<ArchiveManifest> Undamaged(ArchiveFolder folder, IReadOnlyList<ArchiveManifest> all) =>
        damage is null ? all : [.. all.Where(manifest => !damage.Contains(folder.PathOf(manifest.File)))];

    private IReadOnlyList<ArchiveManifest> ListAll(ArchiveFolder folder)
    {
        var changedAt = Directory.GetLastWriteTimeUtc(folder.Path);
        lock (gate)
        {
            if (listings.TryGetValue(folder.Partition, out var known) && known.ChangedAt == changedAt && IsFresh(known)) return known.Files;
            var files = ReadAll(folder);
            listings[folder.Partition] = new(changedAt, files, damage?.Time.GetTimestamp() ?? 0);
            return files;
        }
    }

    private static StreamId Before(StreamId id) => id.Sequence > 0 ? new(id.Milliseconds, id.Sequence - 1) : new(id.Milliseconds - 1, long.MaxValue);

    // Read again when a file was added, renamed or deleted. A manifest that was mended in its place leaves no trace in the folder.
    private bool IsFresh(Listing listing) => damage is null || damage.Time.GetElapsedTime(listing.ReadAt) < ArchiveDamage.KnownFor;

    private IReadOnlyList<ArchiveManifest> ReadAll(ArchiveFolder folder)
    {
        try
        {
            return ArchiveFolder.Counting(folder.ReadAll(damage is null ? null : found => damage.Add(found.File, found)));
        }
        catch (Exception exception) when (damage is not null && (exception is IOException or UnauthorizedAccessException))
        {
            damage.Add(folder.Path, new ArchiveDamagedException(folder.Path, $"it cannot be read ({exception.Message})", exception));
            return [];
        }
    }
}
