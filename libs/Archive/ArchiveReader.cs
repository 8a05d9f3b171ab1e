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
/// its first entry is given out. Files may be added and made one meanwhile. Holds one row group (50,000 entries) in memory.
/// </summary>
/// <param name="directory">The archive's directory.</param>
public sealed class ArchiveReader(string directory) : IEntryReader
{
    private const int TriesMax = 5;

    private readonly Lock gate = new();
    private readonly HashSet<string> verified = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Listing> listings = [];
    private Loaded? loaded;

    private sealed record Listing(DateTime ChangedAt, IReadOnlyList<ArchiveManifest> Files);

    private sealed record Loaded(int Partition, string File, int Group, EntryRows Rows);

    /// <summary>What there is of a partition, without reading the files themselves.</summary>
    /// <exception cref="ArchiveDamagedException">A manifest is none.</exception>
    public ArchiveExtent Extent(int partition)
    {
        var files = List(new ArchiveFolder(directory, partition));
        if (files.Count == 0) return new(StreamId.Zero, StreamId.Zero, false, null, [], 0);
        var gaps = new List<ArchiveGap>();
        for (var i = 0; i < files.Count; i++)
        {
            // A file goes on from the one before; else files between them are not there.
            if (i > 0 && files[i].After > files[i - 1].Last) gaps.Add(new(files[i - 1].Last, files[i].First));
            gaps.AddRange(files[i].Gaps.Where(gap => gap.After != StreamId.Zero && (gaps.Count == 0 || gap.Before != gaps[^1].Before)));
        }
        var begins = files[0].After == StreamId.Zero && !files[0].Gaps.Any(gap => gap.After == StreamId.Zero);
        return new(files[0].First, files[^1].Last, begins, files[^1].EntriesAdded, gaps, files.Count);
    }

    /// <summary>Compares every file of a partition with its checksum.</summary>
    /// <exception cref="ArchiveDamagedException">One differs, or is missing.</exception>
    public async Task VerifyAsync(int partition, CancellationToken cancellationToken)
    {
        var folder = new ArchiveFolder(directory, partition);
        foreach (var manifest in List(folder)) await VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveDamagedException">A file is not what was written.</exception>
    public async Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(new ArchiveFolder(directory, partition), after, last, countMax, cancellationToken).ConfigureAwait(false);
            }
            catch (ArchiveDamagedException exception) when (exception.InnerException is FileNotFoundException && attempt < TriesMax)
            {
                // Files of a day have just become one; a file that stays away is told after some tries.
                lock (gate) listings.Remove(partition);
            }
        }
    }

    private async Task<List<StreamEntry>> ReadAsync(ArchiveFolder folder, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken)
    {
        var page = new List<StreamEntry>(Math.Min(countMax, 1000));
        foreach (var manifest in List(folder))
        {
            if (manifest.First > last) break;
            if (manifest.Last <= after) continue;
            for (var group = 0; group < manifest.RowGroups.Count; group++)
            {
                if (manifest.RowGroups[group].Last <= after) continue;
                var rows = await LoadAsync(folder, manifest, group, cancellationToken).ConfigureAwait(false);
                for (var row = FirstAfter(rows, after); row < rows.Count; row++)
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

    // Read again when a file was added, renamed or deleted.
    private IReadOnlyList<ArchiveManifest> List(ArchiveFolder folder)
    {
        var changedAt = Directory.GetLastWriteTimeUtc(folder.Path);
        lock (gate)
        {
            if (listings.TryGetValue(folder.Partition, out var known) && known.ChangedAt == changedAt) return known.Files;
            var files = ArchiveFolder.Counting(folder.ReadAll());
            listings[folder.Partition] = new(changedAt, files);
            return files;
        }
    }

    private static int FirstAfter(EntryRows rows, StreamId after)
    {
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (rows.IdOf(middle) <= after) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private async Task<EntryRows> LoadAsync(ArchiveFolder folder, ArchiveManifest manifest, int group, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (loaded is { } held && held.Partition == folder.Partition && held.File == manifest.File && held.Group == group) return held.Rows;
        }
        await VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
        var rows = await ArchiveFileReader.ReadAsync(folder, manifest, group, cancellationToken).ConfigureAwait(false);
        lock (gate) loaded = new(folder.Partition, manifest.File, group, rows);
        return rows;
    }

    private async Task VerifyAsync(ArchiveFolder folder, ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (verified.Contains(folder.PathOf(manifest.File))) return;
        }
        await ArchiveFileReader.VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
        lock (gate) verified.Add(folder.PathOf(manifest.File));
    }
}
