using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>Entries that are not kept any more, or cannot be read: those strictly between two positions.</summary>
/// <param name="After">Last entry before them; zero for the beginning of the log.</param>
/// <param name="Before">First entry behind them; <see cref="StreamId.Max"/> where there is none.</param>
public readonly record struct MissingEntries(StreamId After, StreamId Before)
{
    /// <summary>Some of them lie behind one position and not behind another.</summary>
    public bool IsBetween(StreamId after, StreamId last) => Before.Previous() > after && After < last;

    /// <summary>A position lies among them.</summary>
    public bool Holds(StreamId position) => After < position && position < Before;
}

/// <summary>What is kept of the entries of a partition.</summary>
/// <param name="Origin">Where the log begins: nothing before it goes into what follows. Zero, unless Redis lost the log and one was begun anew.</param>
/// <param name="Missing">What is missing, oldest first.</param>
public sealed record KeptEntries(StreamId Origin, IReadOnlyList<MissingEntries> Missing)
{
    /// <summary>Nothing was ever removed: what is before the first entry is that there was nothing.</summary>
    public static KeptEntries All { get; } = new(StreamId.Zero, []);

    /// <summary>Nothing is missing at all.</summary>
    public bool IsWhole => Missing.Count == 0;

    /// <summary>The oldest entry behind which nothing is missing: zero for always, <see cref="StreamId.Max"/> for none.</summary>
    public StreamId WholeSince => IsWhole ? StreamId.Zero : Missing[^1].Before;

    /// <summary>Every entry behind a position is kept.</summary>
    public bool IsWholeAfter(StreamId position) => IsWholeBetween(position, StreamId.Max);

    /// <summary>Every entry behind a position is kept, up to and including another.</summary>
    public bool IsWholeBetween(StreamId after, StreamId last) => !Missing.Any(missing => missing.IsBetween(after, last));
}
