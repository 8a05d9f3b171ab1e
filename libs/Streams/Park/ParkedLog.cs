using System.Text;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// The parked entries of all groups, for an operator: what is there, append it again, give it up. Takes no part in ownership; services go on meanwhile. Methods
/// throw what the client throws, and can be called again: an entry is taken once.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="keys">Names of the keys.</param>
/// <param name="groups">Groups that park.</param>
public sealed class ParkedLog(IConnectionMultiplexer redis, StreamKeys keys, IReadOnlyList<string> groups)
{
    private const int PageSize = 1_000;

    /// <summary>What is parked in a partition, in the order of the log; the same entry once for each group.</summary>
    public async Task<IReadOnlyList<ParkedEntry>> ReadAsync(int partition, CancellationToken cancellationToken)
    {
        var parked = new List<ParkedEntry>();
        foreach (var group in groups)
        {
            var after = StreamId.Zero;
            while (true)
            {
                RedisKeyOrValue[] arguments = [(RedisKey)keys.Parked(partition, group), (RedisValue)$"({after}", (RedisValue)"+", (RedisValue)"COUNT", (RedisValue)PageSize];
                using var reply = await redis.GetDatabase().ExecuteRespAsync("XRANGE", arguments, CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false);
                var page = EntryReply.ReadRange(reply);
                parked.AddRange(page.Select(entry => Read(group, partition, entry)).OfType<ParkedEntry>());
                if (page.Count < PageSize) break;
                after = page[^1].Id;
            }
        }
        return [.. parked.OrderBy(entry => entry.Id).ThenBy(entry => entry.Group, StringComparer.Ordinal)];
    }

    /// <summary>How many there are and were.</summary>
    public async Task<ParkedCounts> CountAsync(int partition, string group, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        if (!await database.KeyExistsAsync(keys.Parked(partition, group)).WaitAsync(cancellationToken).ConfigureAwait(false)) return default;
        // Before what was taken: an entry that is taken in between must not look lost.
        var info = (await database.ExecuteAsync("XINFO", ["STREAM", (RedisKey)keys.Parked(partition, group)]).WaitAsync(cancellationToken).ConfigureAwait(false)).ToDictionary();
        var taken = await database.HashGetAsync(keys.ParkedTaken(partition, group), ["retry", "discard"]).WaitAsync(cancellationToken).ConfigureAwait(false);
        var (waiting, added) = ((long)info["length"], (long)info["entries-added"]);
        var (retried, discarded) = (Number(taken[0]), Number(taken[1]));
        return new(waiting, retried, discarded, Math.Max(0, added - waiting - retried - discarded));
    }

    /// <summary>Appends the entry to the log again, with its old position as <c>retry_of</c>, and takes it out of every group's park; one step.</summary>
    /// <param name="entry">The entry as each group parked it; one or more of the same position.</param>
    /// <param name="cancellationToken">Stops waiting; it may have happened all the same.</param>
    /// <returns>Its new position; null when it is parked no more.</returns>
    public Task<StreamId?> RetryAsync(IReadOnlyCollection<ParkedEntry> entry, CancellationToken cancellationToken) => TakeAsync("retry", entry, cancellationToken);

    /// <summary>Takes the entry out of every group's park. It is never applied then, by no rebuild either.</summary>
    /// <returns>False when it is parked no more.</returns>
    /// <inheritdoc cref="RetryAsync"/>
    public async Task<bool> DiscardAsync(IReadOnlyCollection<ParkedEntry> entry, CancellationToken cancellationToken) =>
        await TakeAsync("discard", entry, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Takes note of what was lost in a partition: it is not told any more. Returns how many those were.</summary>
    public async Task<long> ForgetLostAsync(int partition, CancellationToken cancellationToken)
    {
        long forgotten = 0;
        foreach (var group in groups)
        {
            var lost = (await CountAsync(partition, group, cancellationToken).ConfigureAwait(false)).Lost;
            if (lost == 0) continue;
            await redis.GetDatabase().HashIncrementAsync(keys.ParkedTaken(partition, group), "discard", lost).WaitAsync(cancellationToken).ConfigureAwait(false);
            forgotten += lost;
        }
        return forgotten;
    }

    private async Task<StreamId?> TakeAsync(string action, IReadOnlyCollection<ParkedEntry> entry, CancellationToken cancellationToken)
    {
        var first = entry.First();
        RedisKey[] scriptKeys = [keys.Events(first.Partition), .. groups.SelectMany(group => new RedisKey[] { keys.Parked(first.Partition, group), keys.ParkedTaken(first.Partition, group) })];
        RedisValue[] values =
        [
            action, first.Id.ToString(), keys.Wake(first.Partition),
            .. groups.Select(group => (RedisValue)(entry.FirstOrDefault(parked => parked.Group == group)?.Position.ToString() ?? "")),
        ];
        var reply = await RedisScript.Park.EvaluateAsync(redis.GetDatabase(), scriptKeys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
        return (string?)reply[0] == "TAKEN" ? StreamId.TryParse((string?)reply[1], out var id) ? id : first.Id : null;
    }

    private static ParkedEntry? Read(string group, int partition, StreamEntry entry)
    {
        if (entry.Fields.Length < 2 || !StreamId.TryParse(entry.Fields[0].Value.Span, out var id)) return null;
        return new(group, partition, id, Encoding.UTF8.GetString(entry.Fields[1].Value.Span), entry.Id, entry.Fields[2..]);
    }

    private static long Number(RedisValue text) => text.TryParse(out long number) ? number : 0;
}
