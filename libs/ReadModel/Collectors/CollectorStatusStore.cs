using StackExchange.Redis;

namespace WgMonitor.ReadModel;

/// <summary>Where collectors leave their status and others find it. Throws what the Redis client throws.</summary>
public sealed class CollectorStatusStore(IConnectionMultiplexer redis, CollectorKeys keys)
{
    /// <summary>Collectors read at most: more than anybody runs, and a bound for what strangers may have written.</summary>
    private const int CollectorsMax = 256;

    /// <summary>Writes a status that is forgotten after <paramref name="ttl"/> unless it is written again.</summary>
    public async Task WriteAsync(CollectorStatus status, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var key = keys.Status(status.Id);
        var milliseconds = status.WrittenAt / 1000;
        // The hash first: who is in the index can be read. One that was killed between the two commands is found by nobody and expires.
        await database.HashSetAsync(key, CollectorStatusHash.Encode(status)).WaitAsync(cancellationToken);
        await database.KeyExpireAsync(key, ttl).WaitAsync(cancellationToken);
        await database.SortedSetAddAsync(keys.Index, status.Id, milliseconds).WaitAsync(cancellationToken);
        await database.SortedSetRemoveRangeByScoreAsync(keys.Index, double.NegativeInfinity, milliseconds - ttl.TotalMilliseconds).WaitAsync(cancellationToken);
        await database.KeyExpireAsync(keys.Index, ttl).WaitAsync(cancellationToken);
    }

    /// <summary>The collectors that wrote lately, in order of machine and id; one whose key holds something else is left out.</summary>
    public async Task<IReadOnlyList<CollectorStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var ids = await database.SortedSetRangeByRankAsync(keys.Index, 0, CollectorsMax - 1, Order.Descending).WaitAsync(cancellationToken);
        var read = await Task.WhenAll(ids.Select(id => ReadAsync(database, id.ToString()))).WaitAsync(cancellationToken);
        return [.. read.OfType<CollectorStatus>().OrderBy(status => status.Machine, StringComparer.Ordinal).ThenBy(status => status.Id, StringComparer.Ordinal)];
    }

    private async Task<CollectorStatus?> ReadAsync(IDatabase database, string id)
    {
        try
        {
            var status = CollectorStatusHash.Decode(await database.HashGetAsync(keys.Status(id), "status"));
            return status?.Id == id ? status : null;
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return null;
        }
    }
}
