using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Where a partition and its group stand.</summary>
/// <param name="Checkpoint">Last entry whose effects are stored.</param>
/// <param name="LastGenerated">Last ID the stream gave out.</param>
/// <param name="IsCreated">The group was missing and is there now.</param>
internal readonly record struct LogPosition(StreamId Checkpoint, StreamId LastGenerated, bool IsCreated);

/// <summary>A key of the log holds something else: nothing can be read until somebody removes it.</summary>
internal sealed class WrongKeyTypeException(string key) : Exception($"The Redis key '{key}' holds another type than the log needs.");

/// <summary>
/// Reads a partition as its slot of the consumer group. All methods throw what the client throws.
/// </summary>
/// <remarks>
/// Reads do not block. StackExchange.Redis shares one connection between all callers and therefore has no blocking read; a second connection that blocks
/// is possible, but a block longer than the client's time-out loses the reply while its entries become pending for nobody, and one connection can block
/// for one set of streams only. So the consumer reads when a wake-up hint comes (the append script publishes one) and, should a hint be lost, when an
/// adaptive delay has passed.
/// </remarks>
internal sealed class GroupReader(IConnectionMultiplexer redis, StreamKeys keys, OwnedPartition partition)
{
    private static readonly RedisKeyOrValue NewEntries = (RedisValue)">";

    private readonly RedisKey events = keys.Events(partition.Partition);
    private readonly RedisValue slot = StreamKeys.Slot(partition.Partition);

    /// <summary>
    /// Creates the group at the checkpoint if it is missing, or sets it to the checkpoint: what a predecessor had read and not applied is new again, and comes
    /// in order with what follows. Null if the lease is lost.
    /// </summary>
    public async Task<LogPosition?> OpenAsync()
    {
        RedisKey[] scriptKeys = [keys.Lease(partition.Partition, partition.Group), keys.Checkpoint(partition.Partition, partition.Group), events];
        RedisValue[] values = [partition.Grant.Owner, partition.Grant.Epoch, partition.Group];
        var reply = await RedisScript.Open.EvaluateAsync(redis.GetDatabase(), scriptKeys, values).ConfigureAwait(false);
        return (string?)reply[0] switch
        {
            "OPEN" => new LogPosition(StreamId.Parse((string)reply[1]!), StreamId.Parse((string)reply[2]!), (int)reply[3] == 1),
            "LEASELOST" => null,
            _ => throw new WrongKeyTypeException((string?)reply[1] ?? ""),
        };
    }

    /// <summary>Entries delivered to this slot and not acknowledged, after an ID; those trimmed since have no fields.</summary>
    public Task<List<StreamEntry>> ReadPendingAsync(StreamId after, int countMax) => ReadAsync((RedisValue)after.ToString(), countMax);

    /// <summary>Entries behind the group's position, which moves with the read.</summary>
    public Task<List<StreamEntry>> ReadNewAsync(int countMax) => ReadAsync(NewEntries, countMax);

    private async Task<List<StreamEntry>> ReadAsync(RedisKeyOrValue position, int countMax)
    {
        RedisKeyOrValue[] arguments =
        [
            (RedisValue)"GROUP", (RedisValue)partition.Group, slot, (RedisValue)"COUNT", (RedisValue)countMax, (RedisValue)"STREAMS", events, position,
        ];
        using var reply = await redis.GetDatabase().ExecuteRespAsync("XREADGROUP", arguments, CommandFlags.DemandMaster).ConfigureAwait(false);
        return EntryReply.ReadGroup(reply);
    }
}
