namespace WgMonitor.Archive;

/// <summary>
/// Files that a reader found damaged, missing or unreadable, and goes on without: what they held is missing from then on, and told so. A file that was
/// put back counts again; every other one is looked at again after <see cref="KnownFor"/>.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="found">Told of each, once until it changes.</param>
public sealed class ArchiveDamage(TimeProvider time, Action<ArchiveDamagedException>? found = null)
{
    /// <summary>Rights and mounts change without a trace in the file, so that nothing is believed damaged for longer without a look.</summary>
    public static TimeSpan KnownFor { get; } = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Damage> known = new(StringComparer.Ordinal);

    private sealed record Damage(ArchiveDamagedException What, (DateTime, long) Stamp, long At);

    /// <summary>What is wrong now, as far as it was read; a sentence a file.</summary>
    public IReadOnlyList<string> Sentences
    {
        get
        {
            lock (gate) return [.. known.OrderBy(damage => damage.Key, StringComparer.Ordinal).Where(damage => IsUnchanged(damage.Key, damage.Value)).Select(damage => damage.Value.What.Message)];
        }
    }

    internal TimeProvider Time => time;

    /// <param name="file">What does not count from now on; perhaps still under another name.</param>
    /// <param name="what">What is wrong with it.</param>
    internal void Add(string file, ArchiveDamagedException what)
    {
        lock (gate)
        {
            var isNews = !known.TryGetValue(file, out var before) || before.What.Message != what.Message;
            known[file] = new(what, StampOf(file), time.GetTimestamp());
            if (!isNews) return;
        }
        found?.Invoke(what);
    }

    /// <summary>The file was read: whatever was wrong with it is over.</summary>
    internal void Remove(string file)
    {
        lock (gate) known.Remove(file);
    }

    internal bool Contains(string file)
    {
        lock (gate)
        {
            return known.TryGetValue(file, out var damage) && time.GetElapsedTime(damage.At) < KnownFor && IsUnchanged(file, damage);
        }
    }

    private static bool IsUnchanged(string file, Damage damage) => StampOf(file) == damage.Stamp;

    private static (DateTime, long) StampOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }
}
