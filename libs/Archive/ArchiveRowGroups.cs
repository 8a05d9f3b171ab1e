using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>Row groups of files as a reader needs them: verified before their file is used, and the last ones used held in memory.</summary>
/// <param name="damage">Takes what is damaged; without it, that throws.</param>
internal sealed class ArchiveRowGroups(ArchiveDamage? damage)
{
    /// <summary>Each takes some 20 to 30 MB; that many readers in different places do not take them from each other.</summary>
    private const int HeldMax = 4;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTime ChangedAt, long Bytes)> verified = new(StringComparer.Ordinal);
    private readonly RecentlyUsed<(string Path, int Group), EntryRows> held = new(HeldMax);

    /// <summary>The rows of a group; null when the file is damaged, and that is told.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="manifest">Its file.</param>
    /// <param name="group">Number of the group.</param>
    /// <param name="isLastTry">A file that is not there is missing; before, it may only have become part of another one.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<EntryRows?> LoadAsync(ArchiveFolder folder, ArchiveManifest manifest, int group, bool isLastTry, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(manifest.File);
        if (held.TryGet((path, group), out var known)) return known;
        try
        {
            await VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
            var rows = await ArchiveFileReader.ReadAsync(folder, manifest, group, cancellationToken).ConfigureAwait(false);
            held.Hold((path, group), rows);
            damage?.Remove(path);
            return rows;
        }
        catch (ArchiveDamagedException exception) when (damage is not null && (isLastTry || !exception.IsMissing))
        {
            damage.Add(path, exception);
        }
        catch (Exception exception) when (damage is not null && (exception is IOException or UnauthorizedAccessException))
        {
            damage.Add(path, new ArchiveDamagedException(path, $"it cannot be read ({exception.Message})", exception));
        }
        return null;
    }

    /// <summary>Compares a file with its checksum, once as long as it looks unchanged.</summary>
    /// <exception cref="ArchiveDamagedException">It differs, or is missing.</exception>
    public async Task VerifyAsync(ArchiveFolder folder, ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        var info = new FileInfo(folder.Find(manifest));
        var stamp = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
        lock (gate)
        {
            if (info.Exists && verified.TryGetValue(folder.PathOf(manifest.File), out var before) && before == stamp) return;
        }
        await ArchiveFileReader.VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
        lock (gate) verified[folder.PathOf(manifest.File)] = stamp;
    }
}
