using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>
/// Redis was found with less of a partition than it had: it was killed before it wrote everything to disk, or a replica took over that had not received
/// everything. State, checkpoint and log go back together, so what is derived stays right for what is left; entries in between are missing unless a collector's
/// spool still held them and sent them again.
/// </summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Group">Who found it.</param>
/// <param name="FoundAt">When, by the clock of who found it.</param>
/// <param name="Had">The last position that was known.</param>
/// <param name="Found">The last position that was left.</param>
public sealed record LostHistory(int Partition, string Group, DateTimeOffset FoundAt, StreamId Had, StreamId Found)
{
    /// <summary>How long it is told.</summary>
    public static TimeSpan ToldFor { get; } = TimeSpan.FromDays(7);

    private static readonly RedisValue[] Fields = ["group", "at", "had", "found"];

    internal static void Write(FencedBatch batch, OwnedPartition partition, LostHistory lost)
    {
        var key = partition.Keys.Rewound(lost.Partition);
        batch.SetHash(key,
        [
            EventField.Of("group", lost.Group), EventField.Of("at", lost.FoundAt.ToUnixTimeMilliseconds()),
            EventField.Of("had", lost.Had.ToString()), EventField.Of("found", lost.Found.ToString()),
        ]);
        batch.Expire(key, ToldFor);
    }

    /// <summary>What was found last in a partition; null if nothing was in the last week. Throws what the client throws.</summary>
    public static async Task<LostHistory?> ReadAsync(IConnectionMultiplexer redis, StreamKeys keys, int partition, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await redis.GetDatabase().HashGetAsync(keys.Rewound(partition), Fields).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!long.TryParse(stored[1].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return null;
            if (!StreamId.TryParse(stored[2].ToString(), out var had) || !StreamId.TryParse(stored[3].ToString(), out var found)) return null;
            return new(partition, stored[0].ToString(), DateTimeOffset.FromUnixTimeMilliseconds(at), had, found);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return null;
        }
    }
}
