using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>What a partition holds at one moment.</summary>
/// <param name="Now">Time of the Redis server, Unix milliseconds: the clock that makes the IDs.</param>
/// <param name="Entries">Entries kept.</param>
/// <param name="First">Oldest of them; zero for none.</param>
/// <param name="Last">Last ID given out; its entry may be gone.</param>
/// <param name="EntriesAdded">Entries ever added. What is not kept was removed from the beginning.</param>
/// <param name="Bytes">Memory of the stream, by a sample of its nodes; null where it was not measured.</param>
public readonly record struct LogExtent(long Now, long Entries, StreamId First, StreamId Last, long EntriesAdded, long? Bytes)
{
    /// <summary>Entries that are not there any more.</summary>
    public long Removed => EntriesAdded - Entries;
}

/// <summary>Reads <see cref="LogExtent"/>, by one script, so that the numbers belong together. Throws what the client throws.</summary>
public sealed class LogExtentReader(IConnectionMultiplexer redis, StreamKeys keys)
{
    // Nodes hold 100 entries each of about the same size.
    private const int NodesSampled = 20;

    /// <summary>The extent of one partition; a missing one has none.</summary>
    public async Task<LogExtent> ReadAsync(int partition, bool measure, CancellationToken cancellationToken)
    {
        RedisKey[] scriptKeys = [keys.Events(partition)];
        var reply = await RedisScript.Extent.EvaluateAsync(redis.GetDatabase(), scriptKeys, [measure ? NodesSampled : 0]).WaitAsync(cancellationToken).ConfigureAwait(false);
        var bytes = (long)reply[5];
        return new((long)reply[0], (long)reply[1], Id(reply[2]), Id(reply[3]), (long)reply[4], bytes < 0 ? null : bytes);
    }

    private static StreamId Id(RedisResult text) => StreamId.TryParse((string?)text, out var id) ? id : StreamId.Zero;
}
