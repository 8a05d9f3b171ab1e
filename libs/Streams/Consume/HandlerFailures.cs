namespace WgMonitor.Streams;

/// <summary>
/// Finds the entry on which a handler fails. After a failed batch its entries come one by one; the one that still fails, time and again, is poison and is
/// passed over, so that it does not hold up those behind it.
/// </summary>
internal sealed class HandlerFailures
{
    /// <summary>Tries of one entry alone: what fails for a passing reason gets over it with the pauses between.</summary>
    private const int TriesMax = 5;

    private StreamId suspectsEnd;
    private StreamId failing;
    private int tries;

    /// <summary>How many entries to read behind <paramref name="checkpoint"/>, of <paramref name="countMax"/> otherwise.</summary>
    public int ReadMax(StreamId checkpoint, int countMax) => checkpoint < suspectsEnd ? 1 : countMax;

    /// <summary>The handler threw on these entries.</summary>
    public void Add(IReadOnlyList<StreamEntry> entries)
    {
        if (suspectsEnd < entries[^1].Id) suspectsEnd = entries[^1].Id;
        if (entries.Count > 1) return;
        tries = failing == entries[0].Id ? tries + 1 : 1;
        failing = entries[0].Id;
    }

    /// <summary>The entry failed as often as it may.</summary>
    public bool IsPoison(StreamEntry entry) => entry.Id == failing && tries >= TriesMax;
}
