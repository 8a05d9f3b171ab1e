namespace WgMonitor.ReadModel;

/// <summary>Remembers which keys an operator was told of, so that a key that is read every second is one line of the log. Bounded and thread-safe.</summary>
public sealed class ToldOnce
{
    /// <summary>Whoever does not see a thousand lines does not see the next one; counters go on.</summary>
    private const int KeysMax = 1_000;

    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>True once a key, and never again when the memory is full.</summary>
    public bool IsFirst(string key)
    {
        lock (told) return told.Count < KeysMax && told.Add(key);
    }
}
