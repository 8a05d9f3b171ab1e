using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>An entry of the log that a group could not apply and put aside.</summary>
/// <param name="Group">Who could not.</param>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Id">Its position in the log, by which it is retried or discarded.</param>
/// <param name="Reason"><c>unknown-event</c>, <c>malformed</c> or <c>failed</c>.</param>
/// <param name="Position">Its place among the parked ones; the milliseconds tell when it was parked, by the clock of Redis.</param>
/// <param name="Fields">Its own fields as they stand in the log.</param>
public sealed record ParkedEntry(string Group, int Partition, StreamId Id, string Reason, StreamId Position, IReadOnlyList<EventField> Fields)
{
    internal const string IdField = "parked_id";
    internal const string ReasonField = "parked_reason";

    /// <summary>When it was parked.</summary>
    public DateTimeOffset ParkedAt => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(Position.Milliseconds, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}

/// <summary>How many entries a group has put aside in a partition.</summary>
/// <param name="Waiting">Parked now.</param>
/// <param name="Retried">Appended again, ever.</param>
/// <param name="Discarded">Given up by an operator, ever.</param>
/// <param name="Lost">Gone because there were more than may be kept, and nobody took note yet. The log holds them until it is trimmed, and nobody applies them.</param>
public readonly record struct ParkedCounts(long Waiting, long Retried, long Discarded, long Lost)
{
    /// <summary>Both together.</summary>
    public static ParkedCounts operator +(ParkedCounts one, ParkedCounts other) =>
        new(one.Waiting + other.Waiting, one.Retried + other.Retried, one.Discarded + other.Discarded, one.Lost + other.Lost);
}
