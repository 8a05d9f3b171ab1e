namespace WgMonitor.Streams;

/// <summary>What of a partition may go by the limits of <see cref="StreamOptions"/>, whichever bites first; what groups have not applied stays all the same.</summary>
/// <param name="EntriesMax">The newest entries that stay; <see cref="long.MaxValue"/> for all.</param>
/// <param name="OlderThan">Entries before this ID are too old; zero for none.</param>
/// <param name="OverCeiling">Entries that go although somebody has not applied them.</param>
public readonly record struct RetentionCut(long EntriesMax, StreamId OlderThan, long OverCeiling)
{
    /// <summary>Nothing goes.</summary>
    public bool IsNone => EntriesMax == long.MaxValue && OlderThan == StreamId.Zero && OverCeiling == 0;

    /// <param name="options">The limits.</param>
    /// <param name="log">The partition now.</param>
    /// <param name="byAge">False while the clock cannot be believed.</param>
    public static RetentionCut Of(StreamOptions options, in LogExtent log, bool byAge)
    {
        var entriesMax = options.RetentionEntriesMax > 0 ? options.RetentionEntriesMax : long.MaxValue;
        // Of the memory each partition has a like share.
        if (options.RetentionBytesMax > 0 && log is { Bytes: > 0, Entries: > 0 })
            entriesMax = Math.Min(entriesMax, (long)(options.RetentionBytesMax / (double)options.Partitions * log.Entries / log.Bytes.Value));
        var oldest = byAge && options.RetentionAge > TimeSpan.Zero ? Math.Max(0, log.Now - (long)options.RetentionAge.TotalMilliseconds) : 0;
        var overCeiling = options.HasRetention && options.CeilingEntriesMax > 0 ? Math.Max(0, log.Entries - options.CeilingEntriesMax) : 0;
        return new(entriesMax, new StreamId(oldest, 0), overCeiling);
    }
}
