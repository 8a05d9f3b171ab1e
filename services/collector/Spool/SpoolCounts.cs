namespace WgMonitor.Collector.Spool;

/// <summary>What happened to a spool since the start. Thread-safe; the fields are counted up by all partitions.</summary>
internal sealed class SpoolCounts
{
    /// <summary>Bytes of all segments, on disk now.</summary>
    public long Bytes;

    /// <summary>Records whose end was never written.</summary>
    public long Torn;

    /// <summary>Records, or runs of bytes between records, that are not what was written.</summary>
    public long Corrupt;

    /// <summary>Events dropped for want of room.</summary>
    public long DroppedFull;

    /// <summary>Events dropped because they were too old.</summary>
    public long DroppedAge;

    /// <summary>Events of corrupt records whose head could still be read.</summary>
    public long DroppedCorrupt;

    /// <summary>Writes and flushes that the disk refused.</summary>
    public long WriteFailures;

    /// <summary>1 while the disk refuses what is written.</summary>
    public long Failing;

    /// <summary>1 while there is no room.</summary>
    public long Full;

    /// <summary>Adds to one of the fields.</summary>
    public static void Add(ref long field, long amount = 1) => Interlocked.Add(ref field, amount);
}

/// <summary>Batches and the events in them.</summary>
internal readonly record struct SpoolTally(long Batches, long Events)
{
    public static SpoolTally operator +(SpoolTally a, SpoolTally b) => new(a.Batches + b.Batches, a.Events + b.Events);

    public static SpoolTally operator -(SpoolTally a, SpoolTally b) => new(a.Batches - b.Batches, a.Events - b.Events);
}

/// <summary>The spool as an operator sees it.</summary>
/// <param name="Durability">When an accepted line is safe.</param>
/// <param name="Segments">Files.</param>
/// <param name="Bytes">In them.</param>
/// <param name="BytesMax">Their bound; 0 without a spool.</param>
/// <param name="BatchesWaiting">Spooled and not yet appended.</param>
/// <param name="EventsWaiting">In these batches.</param>
/// <param name="OldestAge">Of the oldest of them; zero when none waits.</param>
/// <param name="DamagedRecords">Torn and corrupt ones that were skipped since the start.</param>
/// <param name="DroppedEvents">Given up since the start: no room, too old, corrupt.</param>
/// <param name="WriteFailures">Since the start.</param>
/// <param name="IsWritable">False while the disk refuses what is written; lines are then only as safe as without a spool.</param>
/// <param name="IsFull">True while there is no room.</param>
public sealed record SpoolStatus(
    Durability Durability, int Segments, long Bytes, long BytesMax, long BatchesWaiting, long EventsWaiting, TimeSpan OldestAge, long DamagedRecords, long DroppedEvents,
    long WriteFailures, bool IsWritable, bool IsFull);
