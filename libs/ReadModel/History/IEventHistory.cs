using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>How far back the entries of a partition go.</summary>
/// <param name="First">Oldest entry kept; <see cref="StreamId.Max"/> when none is.</param>
/// <param name="IsWhole">Nothing was ever removed: what is before the first entry is that there was nothing.</param>
public readonly record struct KeptEntries(StreamId First, bool IsWhole)
{
    /// <summary>Every entry behind a position is kept.</summary>
    public bool IsWholeAfter(StreamId position) => IsWhole || position >= First;
}

/// <summary>The entries of the past, wherever they are kept: the border between history and the log. Methods throw what the client throws.</summary>
public interface IEventHistory
{
    /// <summary>The entries after <paramref name="after"/> up to and including <paramref name="last"/>, oldest first, <paramref name="countMax"/> at most.</summary>
    Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken);

    /// <summary>The entries at these positions, in their order; those that are not kept are left out.</summary>
    Task<IReadOnlyList<StreamEntry>> ReadAsync(int partition, IReadOnlyList<StreamId> ids, CancellationToken cancellationToken);

    /// <summary>How far back the entries go.</summary>
    Task<KeptEntries> ReadKeptAsync(int partition, CancellationToken cancellationToken);
}

/// <summary>The entries that are in Redis.</summary>
public sealed class LogHistory(LogReader log) : IEventHistory
{
    /// <inheritdoc/>
    public Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken) =>
        log.ReadForwardAsync(partition, after, last, countMax, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(int partition, IReadOnlyList<StreamId> ids, CancellationToken cancellationToken)
    {
        // All are asked for before the first answer is waited for: one round trip.
        var asked = ids.Select(id => log.ReadForwardAsync(partition, id.Previous(), id, 1, cancellationToken)).ToList();
        return [.. (await Task.WhenAll(asked)).SelectMany(found => found)];
    }

    /// <inheritdoc/>
    public async Task<KeptEntries> ReadKeptAsync(int partition, CancellationToken cancellationToken)
    {
        var first = await log.ReadForwardAsync(partition, StreamId.Zero, StreamId.Max, 1, cancellationToken);
        // Asked second: what is trimmed in between makes the answer too modest, never too bold.
        var trimmed = await log.IsTrimmedAsync(partition, cancellationToken);
        return new(first.Count == 0 ? StreamId.Max : first[0].Id, !trimmed);
    }
}

/// <summary>Positions beside others.</summary>
public static class StreamIdNeighbour
{
    /// <summary>The last possible position before this one; zero before zero.</summary>
    public static StreamId Previous(this StreamId id) => id.Sequence > 0
        ? new StreamId(id.Milliseconds, id.Sequence - 1)
        : id.Milliseconds > 0 ? new StreamId(id.Milliseconds - 1, long.MaxValue) : StreamId.Zero;
}
