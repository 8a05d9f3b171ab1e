using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Where a partition and one of its groups stand.</summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Group">The consumer group.</param>
/// <param name="Entries">Entries kept in the partition.</param>
/// <param name="FirstId">Oldest entry kept; zero if there is none.</param>
/// <param name="LastId">Last ID given out; its entry may be trimmed.</param>
/// <param name="Checkpoint">Last entry the group has applied; zero for none.</param>
/// <param name="LagEntries">Entries behind the checkpoint; null if Redis cannot know (7.0 loses count after some trims).</param>
/// <param name="LagSeconds">Age of the oldest entry that is not applied, by Redis time; 0 if all are.</param>
/// <param name="Owner">Replica that holds the lease; null if nobody does, or its time ran out.</param>
/// <param name="Epoch">Epoch of the last lease.</param>
public sealed record StreamStatus(
    int Partition, string Group, long Entries, StreamId FirstId, StreamId LastId, StreamId Checkpoint, long? LagEntries, double LagSeconds, string? Owner, long Epoch);

/// <summary>Reads <see cref="StreamStatus"/>; one script a partition, so that the numbers belong together. Throws what the client throws.</summary>
public sealed class StreamStatusReader(IConnectionMultiplexer redis, StreamKeys keys)
{
    /// <summary>The status of one partition for one group. An empty or missing partition gives zeros.</summary>
    public async Task<StreamStatus> ReadAsync(int partition, string group, CancellationToken cancellationToken)
    {
        RedisKey[] scriptKeys = [keys.Lease(partition, group), keys.Checkpoint(partition, group), keys.Events(partition)];
        var reply = await RedisScript.Status.EvaluateAsync(redis.GetDatabase(), scriptKeys, [group], CommandFlags.PreferMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
        var lag = (long)reply[4];
        var owner = (string?)reply[6];
        return new StreamStatus(
            partition, group, (long)reply[0], Id(reply[1]), Id(reply[2]), Id(reply[3]),
            lag < 0 ? null : lag, (long)reply[5] / 1000.0, string.IsNullOrEmpty(owner) ? null : owner, (long)reply[7]);
    }

    private static StreamId Id(RedisResult text) => StreamId.TryParse((string?)text, out var id) ? id : StreamId.Zero;
}
