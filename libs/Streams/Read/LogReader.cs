using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Reads a partition's log without taking part in a group: replay, history, a reference run. All methods throw what the client throws.</summary>
public sealed class LogReader(IConnectionMultiplexer redis, StreamKeys keys) : IEntryReader
{
    /// <inheritdoc/>
    public Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken) =>
        RangeAsync("XRANGE", keys.Events(partition), (RedisValue)$"({after}", Inclusive(last, "+"), countMax, cancellationToken);

    /// <summary>Pages through the log from after <paramref name="after"/> until <paramref name="last"/> or the end of what is there when it gets there.</summary>
    /// <returns>Pages of one to <paramref name="pageMax"/> entries, oldest first.</returns>
    public async IAsyncEnumerable<IReadOnlyList<StreamEntry>> ReadAllAsync(
        int partition, StreamId after, StreamId last, int pageMax, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await ReadForwardAsync(partition, after, last, pageMax, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0) yield break;
            yield return page;
            if (page.Count < pageMax) yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>Entries were removed from the partition, or its stream was made anew in place of a lost one.</summary>
    public async Task<bool> IsTrimmedAsync(int partition, CancellationToken cancellationToken)
    {
        if (!await redis.GetDatabase().KeyExistsAsync(keys.Events(partition), CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false)) return false;
        var info = await redis.GetDatabase().ExecuteAsync("XINFO", ["STREAM", (RedisKey)keys.Events(partition)], CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
        var fields = info.ToDictionary();
        return (long)fields["entries-added"] > (long)fields["length"];
    }

    private static RedisValue Inclusive(StreamId id, string open) => id == StreamId.Max || id == StreamId.Zero ? open : id.ToString();

    private async Task<List<StreamEntry>> RangeAsync(string command, RedisKey key, RedisValue from, RedisValue to, int countMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        RedisKeyOrValue[] arguments = [key, from, to, (RedisValue)"COUNT", (RedisValue)countMax];
        using var reply = await redis.GetDatabase().ExecuteRespAsync(command, arguments, CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
        return EntryReply.ReadRange(reply);
    }
}
