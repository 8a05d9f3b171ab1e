namespace WgMonitor.Streams;

/// <summary>Makes the handler of a partition from what Redis holds.</summary>
public interface IPartitionHandlerFactory
{
    /// <summary>
    /// Reads the stored state of the partition and returns a handler that goes on after <paramref name="checkpoint"/>. Called after every take-over, and again
    /// whenever memory is in doubt; the handler before has been disposed then.
    /// </summary>
    /// <param name="partition">What is owned, and until when.</param>
    /// <param name="checkpoint">Last entry that the stored state contains; <see cref="StreamId.Zero"/> for none. Read before the state is.</param>
    /// <param name="cancellationToken">Ownership ends, or the process stops.</param>
    ValueTask<IPartitionHandler> CreateAsync(OwnedPartition partition, StreamId checkpoint, CancellationToken cancellationToken);
}

/// <summary>
/// Folds the entries of one partition, in order, one batch at a time. Whatever it throws makes the consumer dispose it and start over with a new one from
/// stored state, after a pause. A batch it failed on comes again entry by entry, and an entry on which it fails five times goes to <see cref="ParkAsync"/>.
/// </summary>
public interface IPartitionHandler : IAsyncDisposable
{
    /// <summary>
    /// Folds the entries into memory and records the writes that follow from them. They are committed together with the checkpoint, or not at all.
    /// </summary>
    /// <param name="entries">One or more, in stream order, none of them trimmed; valid only until the next call.</param>
    /// <param name="batch">Empty; takes the writes.</param>
    /// <param name="cancellationToken">Ownership has ended: nothing can be committed any more.</param>
    ValueTask ApplyAsync(IReadOnlyList<StreamEntry> entries, FencedBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Puts aside an entry on which <see cref="ApplyAsync"/> failed five times: records in <paramref name="batch"/> what is to be kept of it, and changes nothing
    /// else. The checkpoint moves behind it with the commit.
    /// </summary>
    ValueTask ParkAsync(StreamEntry entry, FencedBatch batch, CancellationToken cancellationToken);

    /// <summary>What the last <see cref="ApplyAsync"/> recorded is in Redis now, and the checkpoint with it.</summary>
    ValueTask CommittedAsync(StreamId checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// A key of the batch holds another type than the batch writes: nothing was written, and the consumer tries again without the writes to this key.
    /// The handler parks what belongs to it and may record further writes in <paramref name="batch"/>.
    /// </summary>
    ValueTask WrongTypeAsync(string key, FencedBatch batch, CancellationToken cancellationToken);
}
