using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>The entries of the past, wherever they are kept: the border between history and the log. Methods throw what the client throws.</summary>
public interface IEventHistory
{
    /// <summary>The entries after <paramref name="after"/> up to and including <paramref name="last"/>, oldest first, as pages of one to <paramref name="pageMax"/>.</summary>
    IAsyncEnumerable<IReadOnlyList<StreamEntry>> ReadAllAsync(int partition, StreamId after, StreamId last, int pageMax, CancellationToken cancellationToken);

    /// <summary>The entries at these positions, which are given in their order; those that are not kept are left out.</summary>
    Task<IReadOnlyList<StreamEntry>> ReadAsync(int partition, IReadOnlyList<StreamId> ids, CancellationToken cancellationToken);

    /// <summary>What of the entries is missing, as far as is known: what is damaged may be known only once it was read.</summary>
    Task<KeptEntries> ReadKeptAsync(int partition, CancellationToken cancellationToken);

    /// <summary>About how many of the entries between two positions would have to come from elsewhere than Redis.</summary>
    Task<long> CountArchivedAsync(int partition, StreamId after, StreamId last, CancellationToken cancellationToken);
}

/// <summary>The entries that are in Redis.</summary>
public sealed class LogHistory(LogReader log) : IEventHistory
{
    /// <inheritdoc/>
    public IAsyncEnumerable<IReadOnlyList<StreamEntry>> ReadAllAsync(int partition, StreamId after, StreamId last, int pageMax, CancellationToken cancellationToken) =>
        log.ReadAllAsync(partition, after, last, pageMax, cancellationToken);

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
        if (!await log.IsTrimmedAsync(partition, cancellationToken)) return KeptEntries.All;
        return new(StreamId.Zero, [new(StreamId.Zero, first.Count == 0 ? StreamId.Max : first[0].Id)]);
    }

    /// <inheritdoc/>
    public Task<long> CountArchivedAsync(int partition, StreamId after, StreamId last, CancellationToken cancellationToken) => Task.FromResult(0L);
}

/// <summary>Positions beside others.</summary>
public static class StreamIdNeighbour
{
    /// <summary>The last possible position before this one; zero before zero.</summary>
    public static StreamId Previous(this StreamId id) => id.Sequence > 0
        ? new StreamId(id.Milliseconds, id.Sequence - 1)
        : id.Milliseconds > 0 ? new StreamId(id.Milliseconds - 1, long.MaxValue) : StreamId.Zero;
}
