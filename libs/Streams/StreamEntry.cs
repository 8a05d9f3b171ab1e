using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>One entry of a partition's log.</summary>
/// <param name="Id">Position in the partition.</param>
/// <param name="Fields">Named fields in the order they were appended; empty only if <see cref="IsTrimmed"/>.</param>
public sealed record StreamEntry(StreamId Id, EventField[] Fields)
{
    /// <summary>The entry was trimmed away while it was pending: Redis still knows its ID, but not what it said.</summary>
    public bool IsTrimmed => Fields.Length == 0;

    /// <summary>The position at which the entry could not be applied before it was appended again; null for all others.</summary>
    public StreamId? RetryOf => Fields.Length > 0 && Fields[^1].Name.Span.SequenceEqual(FieldNames.RetryOf) && StreamId.TryParse(Fields[^1].Value.Span, out var origin) ? origin : null;
}
