using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// The positions of the log that a group passed over, because it could not apply what stands there. Whoever folds the same entries later for the group, a base
/// snapshot or a rebuild, passes over them too, even if it could apply them: the entry counts where it is retried (docs/decisions/0012-a-retry-is-a-new-entry.md).
/// </summary>
/// <remarks>A sorted set whose members order as the IDs do. Bounded: the oldest go first, see <see cref="PartitionPark"/>. Methods throw what the client throws.</remarks>
/// <param name="redis">The connection.</param>
/// <param name="keys">Names of the keys.</param>
/// <param name="group">Whose.</param>
public sealed class PassedEntries(IConnectionMultiplexer redis, StreamKeys keys, string group)
{
    /// <summary>The member of the set for a position: both numbers with leading zeros, so that their order is that of the texts.</summary>
    public static byte[] Member(StreamId id) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id.Milliseconds:D19}-{id.Sequence:D19}"));

    /// <summary>Those behind <paramref name="after"/> up to and including <paramref name="last"/>.</summary>
    public Task<HashSet<StreamId>> ReadAsync(int partition, StreamId after, StreamId last, CancellationToken cancellationToken) =>
        RangeAsync(partition, Member(after), Member(last), Exclude.Start, cancellationToken);

    /// <summary>Whether the group passed over this position.</summary>
    public async Task<bool> ContainsAsync(int partition, StreamId id, CancellationToken cancellationToken) =>
        (await RangeAsync(partition, Member(id), Member(id), Exclude.None, cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>
    /// The entries that count for who folds behind the group: without those that it passed over, and without retries of what it had applied in its place.
    /// </summary>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="entries">In the order of the log; the group has been there, or nobody will.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<StreamEntry>> LeaveOutAsync(int partition, IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0) return entries;
        var passed = await RangeAsync(partition, Member(entries[0].Id), Member(entries[^1].Id), Exclude.None, cancellationToken).ConfigureAwait(false);
        var counted = new List<StreamEntry>(entries.Count);
        foreach (var entry in entries)
        {
            if (passed.Contains(entry.Id)) continue;
            if (entry.RetryOf is { } origin && !await ContainsAsync(partition, origin, cancellationToken).ConfigureAwait(false)) continue;
            counted.Add(entry);
        }
        return counted;
    }

    /// <summary>How many there are.</summary>
    internal async Task<long> CountAsync(int partition, CancellationToken cancellationToken)
    {
        try
        {
            return await redis.GetDatabase().SortedSetLengthAsync(keys.Passed(partition, group), flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return 0;
        }
    }

    /// <summary>The members of the oldest ones.</summary>
    internal async Task<IReadOnlyList<byte[]>> OldestAsync(int partition, long count, CancellationToken cancellationToken)
    {
        var members = await redis.GetDatabase().SortedSetRangeByValueAsync(keys.Passed(partition, group), default, default, take: count, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. members.Select(member => (byte[])member!)];
    }

    // A key that holds something else is left alone, as everywhere: it counts as absent.
    private async Task<HashSet<StreamId>> RangeAsync(int partition, RedisValue from, RedisValue to, Exclude exclude, CancellationToken cancellationToken)
    {
        try
        {
            var members = await redis.GetDatabase().SortedSetRangeByValueAsync(keys.Passed(partition, group), from, to, exclude, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
            var found = new HashSet<StreamId>(members.Length);
            foreach (var member in members)
                if (StreamId.TryParse((byte[])member!, out var id)) found.Add(id);
            return found;
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return [];
        }
    }
}
