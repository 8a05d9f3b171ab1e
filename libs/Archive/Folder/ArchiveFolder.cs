using System.Globalization;
using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>
/// The files of one partition: <c>DIRECTORY/p03/2026-11-22.1f3a9c04.parquet</c>, each with a manifest. Files of a day that is not over, <c>2026-11-22.after-ID.…</c>,
/// are made one when it is.
/// </summary>
/// <param name="root">The archive's directory.</param>
/// <param name="partition">0 to partitions - 1.</param>
internal sealed class ArchiveFolder(string root, int partition)
{
    private const int ListingTriesMax = 20;

    public int Partition => partition;

    public string Path { get; } = System.IO.Path.Combine(root, StreamKeys.Slot(partition));

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>UTC day of an entry. An ID beyond all days, as a broken clock makes them, belongs to the last.</summary>
    public static DateOnly DayOf(StreamId id) => id.Milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(id.Milliseconds).UtcDateTime)
        : DateOnly.MaxValue;

    /// <summary>Every manifest, oldest entries first. Of two that begin alike the one that reaches further stands first.</summary>
    /// <param name="damaged">Told of each that is none, which is left out then.</param>
    /// <exception cref="ArchiveDamagedException">A manifest is none, and nobody is told.</exception>
    public IReadOnlyList<ArchiveManifest> ReadAll(Action<ArchiveDamagedException>? damaged = null)
    {
        if (!Directory.Exists(Path)) return [];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return
                [
                    .. Directory.EnumerateFiles(Path, "*.json").Select(path => Read(path, damaged)).OfType<ArchiveManifest>()
                        .OrderBy(manifest => manifest.First).ThenByDescending(manifest => manifest.Last),
                ];
            }
            catch (FileNotFoundException) when (attempt < ListingTriesMax)
            {
                // Files of a day have just become one.
            }
        }
    }

    private static ArchiveManifest? Read(string path, Action<ArchiveDamagedException>? damaged)
    {
        try
        {
            return ArchiveManifest.Parse(path, System.IO.File.ReadAllBytes(path));
        }
        catch (ArchiveDamagedException exception) when (damaged is not null)
        {
            damaged(exception);
            return null;
        }
    }

    /// <summary>Those of <see cref="ReadAll"/> that count: one whose entries are all in those before it is left over from making one file of a day's.</summary>
    public static IReadOnlyList<ArchiveManifest> Counting(IReadOnlyList<ArchiveManifest> all)
    {
        var counting = new List<ArchiveManifest>();
        foreach (var manifest in all)
        {
            if (counting.Count == 0 || manifest.Last > counting[^1].Last) counting.Add(manifest);
        }
        return counting;
    }

    /// <summary>
    /// Makes a written file count, if nobody else has written what goes on from the same entry. From the manifest on it does: what comes after can be done by
    /// anybody who finds it undone.
    /// </summary>
    /// <returns>False when somebody else was first; the file is deleted then.</returns>
    public bool Publish(ArchiveManifest manifest)
    {
        // The written file has to be there in any case in which its manifest is.
        DirectorySync.Flush(Path);
        var written = PathOf($"{manifest.File}.json.tmp");
        using (var stream = new FileStream(written, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(manifest.ToJson());
            stream.Flush(flushToDisk: true);
        }
        try
        {
            System.IO.File.Move(written, PathOf(manifest.Name), overwrite: false);
        }
        catch (IOException) when (System.IO.File.Exists(PathOf(manifest.Name)))
        {
            System.IO.File.Delete(written);
            System.IO.File.Delete(PathOf(manifest.WrittenFile));
            return false;
        }
        Finish(manifest);
        DirectorySync.Flush(Path);
        return true;
    }

    /// <summary>Gives a published file its name, if that was not done yet.</summary>
    public void Finish(ArchiveManifest manifest)
    {
        if (System.IO.File.Exists(PathOf(manifest.File))) return;
        try
        {
            System.IO.File.Move(PathOf(manifest.WrittenFile), PathOf(manifest.File));
        }
        catch (FileNotFoundException)
        {
            // Somebody else did it; or the file is gone, which whoever reads it tells.
        }
    }

    /// <summary>Where the file is now: under its name, or still under that of its writing.</summary>
    public string Find(ArchiveManifest manifest) =>
        !System.IO.File.Exists(PathOf(manifest.File)) && System.IO.File.Exists(PathOf(manifest.WrittenFile)) ? PathOf(manifest.WrittenFile) : PathOf(manifest.File);

    /// <summary>Removes a file, its manifest first: without one it does not count.</summary>
    public void Delete(ArchiveManifest manifest)
    {
        System.IO.File.Delete(PathOf(manifest.Name));
        System.IO.File.Delete(PathOf(manifest.File));
        System.IO.File.Delete(PathOf(manifest.WrittenFile));
    }

    /// <summary>Removes what an interrupted writer left and no manifest names. Only for the owner of the partition.</summary>
    public void DeleteUnpublished(IReadOnlyList<ArchiveManifest> all)
    {
        if (!Directory.Exists(Path)) return;
        var named = all.SelectMany(manifest => new[] { manifest.File, manifest.WrittenFile }).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path).Where(path => IsOurs(path) && !named.Contains(System.IO.Path.GetFileName(path))).ToList()) System.IO.File.Delete(path);
    }

    // Whatever an operator puts beside our files stays.
    private static bool IsOurs(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return (name.EndsWith(".parquet", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal))
            && name.Length > 10 && DateOnly.TryParseExact(name[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }
}
