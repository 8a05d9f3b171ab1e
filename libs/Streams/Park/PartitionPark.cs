using StackExchange.Redis;
using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>
/// Where the owner of a partition puts what it cannot apply: the entry with its reason into a bounded stream, and its position among those it passed over, both
/// with the commit that moves the checkpoint behind it. Not thread-safe.
/// </summary>
public sealed class PartitionPark
{
    /// <summary>More fields than any writer of ours gives an entry; of an entry of somebody else the rest is not kept.</summary>
    private const int FieldsMax = EventBatch.FieldsMax;

    // The stream is trimmed by whole nodes of 100 entries. Whatever still stands in it must be known as passed over, or its retry would do nothing.
    private const int Slack = 1_000;

    private readonly PassedEntries passed;
    private readonly OwnedPartition partition;
    private readonly long parkedMax;
    private readonly HashSet<StreamId> ahead;
    private long known = -1;

    private PartitionPark(PassedEntries passed, OwnedPartition partition, long parkedMax, HashSet<StreamId> ahead) =>
        (this.passed, this.partition, this.parkedMax, this.ahead) = (passed, partition, parkedMax, ahead);

    /// <summary>For a handler that goes on behind <paramref name="checkpoint"/>. Throws what the client throws.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="partition">What is owned, and for which group.</param>
    /// <param name="parkedMax">Entries kept; the oldest go first.</param>
    /// <param name="checkpoint">Last entry applied.</param>
    /// <param name="cancellationToken">Ownership ends.</param>
    public static async Task<PartitionPark> OpenAsync(IConnectionMultiplexer redis, OwnedPartition partition, long parkedMax, StreamId checkpoint, CancellationToken cancellationToken)
    {
        var passed = new PassedEntries(redis, partition.Keys, partition.Group);
        // A checkpoint that was set back makes known ones come again; else there are none ahead.
        return new(passed, partition, parkedMax, await passed.ReadAsync(partition.Partition, checkpoint, StreamId.Max, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>False for an entry that changes nothing: it was passed over before, or it is the retry of one that was applied in its place.</summary>
    public ValueTask<bool> CountsAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        if (ahead.Count > 0 && ahead.Contains(entry.Id)) return ValueTask.FromResult(false);
        return entry.RetryOf is { } origin ? new(passed.ContainsAsync(partition.Partition, origin, cancellationToken)) : ValueTask.FromResult(true);
    }

    /// <summary>Records in <paramref name="batch"/> that the entry is put aside.</summary>
    /// <param name="entry">As it stands in the log.</param>
    /// <param name="reason">Word of a closed set: <c>unknown-event</c>, <c>malformed</c> or <c>failed</c>.</param>
    /// <param name="batch">The batch whose commit moves the checkpoint behind it.</param>
    /// <param name="cancellationToken">Ownership ends.</param>
    public async ValueTask AddAsync(StreamEntry entry, string reason, FencedBatch batch, CancellationToken cancellationToken)
    {
        var fields = entry.Fields.Length > FieldsMax ? entry.Fields[..FieldsMax] : entry.Fields;
        batch.AppendToStream(
            partition.Keys.Parked(partition.Partition, partition.Group),
            [EventField.Of(ParkedEntry.IdField, entry.Id.ToString()), EventField.Of(ParkedEntry.ReasonField, reason), .. fields],
            parkedMax);
        var key = partition.Keys.Passed(partition.Partition, partition.Group);
        batch.AddToSortedSet(key, PassedEntries.Member(entry.Id));
        if (known < 0) known = await passed.CountAsync(partition.Partition, cancellationToken).ConfigureAwait(false);
        if (++known <= 2 * parkedMax + Slack) return;
        // Many at once, so that a flood of them does not ask for each.
        foreach (var oldest in await passed.OldestAsync(partition.Partition, Slack / 2, cancellationToken).ConfigureAwait(false)) batch.RemoveFromSortedSet(key, oldest);
        known -= Slack / 2;
    }
}
