namespace WgMonitor.Streams;

/// <summary>Reads the entries of a partition in their order, from the log itself or from what was kept of it elsewhere.</summary>
public interface IEntryReader
{
    /// <summary>The entries after <paramref name="after"/> up to and including <paramref name="last"/>, oldest first.</summary>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="after">Position that was read already; <see cref="StreamId.Zero"/> for the beginning.</param>
    /// <param name="last">Last position wanted; <see cref="StreamId.Max"/> for all.</param>
    /// <param name="countMax">Entries at most, 1 or more. Fewer come only where there are no more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken);
}
