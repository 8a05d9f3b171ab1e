using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>An alert at its place in the outbox.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Alert">Null if the entry is none of ours, or of a newer build.</param>
internal readonly record struct OutboxEntry(StreamId Position, AlertRecord? Alert);

/// <summary>The alerts of one partition in the order they were raised. <see cref="AlertPipeline"/> appends, the delivery workers read, old settled ones go.</summary>
internal sealed class AlertOutbox(IConnectionMultiplexer redis, AlertKeys keys, int partition)
{
    private const int PageSize = 1000;

    private readonly RedisKey key = keys.Outbox(partition);

    /// <summary>Up to <paramref name="count"/> entries behind a position.</summary>
    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(StreamId after, int count, CancellationToken cancellationToken)
    {
        var entries = await redis.GetDatabase().StreamRangeAsync(key, after.Next().ToString(), "+", count, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        return [.. entries.Select(Decode)];
    }

    /// <summary>How many entries stand behind a position.</summary>
    public async Task<long> CountAsync(StreamId after, CancellationToken cancellationToken)
    {
        for (var count = 0L; ;)
        {
            var page = await redis.GetDatabase().StreamRangeAsync(key, after.Next().ToString(), "+", PageSize, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            count += page.Length;
            if (page.Length < PageSize) return count;
            after = StreamId.Parse(page[^1].Id.ToString());
        }
    }

    /// <summary>Removes the oldest entries above <paramref name="entriesMax"/>, but none behind <paramref name="settled"/>; a thousand at most.</summary>
    /// <returns>How many went.</returns>
    /// <remarks>Not fenced: cursors only grow, so what a former owner knows to be settled is.</remarks>
    public async Task<long> TrimAsync(long entriesMax, StreamId settled, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var surplus = await database.StreamLengthAsync(key, CommandFlags.DemandMaster).WaitAsync(cancellationToken) - entriesMax;
        if (surplus <= 0) return 0;
        var oldest = await database.StreamRangeAsync(key, "-", settled.ToString(), (int)Math.Min(surplus, PageSize), flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        if (oldest.Length == 0) return 0;
        var keepFrom = StreamId.Parse(oldest[^1].Id.ToString()).Next();
        return await database.StreamTrimByMinIdAsync(key, keepFrom.ToString()).WaitAsync(cancellationToken);
    }

    private static OutboxEntry Decode(StackExchange.Redis.StreamEntry entry)
    {
        var fields = entry.Values.ToDictionary(field => field.Name.ToString(), field => field.Value.ToString(), StringComparer.Ordinal);
        return new OutboxEntry(StreamId.Parse(entry.Id.ToString()), AlertCodec.TryDecode(fields, out var alert) ? alert : null);
    }
}
