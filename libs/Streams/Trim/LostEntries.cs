using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Entries that were removed before a group had applied them, because the log had reached its ceiling.</summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Group">Who did not get them.</param>
/// <param name="Entries">How many, ever.</param>
/// <param name="After">Last entry it had applied before the latest loss.</param>
/// <param name="Until">Last entry of the latest loss; the group went on behind it.</param>
/// <param name="At">When that was, Unix milliseconds of the Redis server.</param>
public sealed record LostEntries(int Partition, string Group, long Entries, StreamId After, StreamId Until, long At);

/// <summary>Reads what was lost at the ceiling. Throws what the client throws.</summary>
public sealed class LostEntriesReader(IConnectionMultiplexer redis, StreamKeys keys)
{
    /// <summary>Written beside the groups by the script: what one reader or another lost.</summary>
    private const string AnyReader = "any";

    /// <summary>The losses of all groups in a partition; empty when there was none.</summary>
    public async Task<IReadOnlyList<LostEntries>> ReadAsync(int partition, CancellationToken cancellationToken) => (await ReadWithTotalAsync(partition, cancellationToken).ConfigureAwait(false)).Groups;

    /// <summary>The same, and beside it, read at one moment, how many entries one reader or another lost, ever: each counts once, however many lost it.</summary>
    public async Task<(IReadOnlyList<LostEntries> Groups, long OfAnyReader)> ReadWithTotalAsync(int partition, CancellationToken cancellationToken)
    {
        var fields = await redis.GetDatabase().HashGetAllAsync(keys.Lost(partition)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var values = fields.ToDictionary(field => field.Name.ToString(), field => field.Value.ToString(), StringComparer.Ordinal);
        const string entries = ":entries";
        LostEntries[] groups =
        [
            .. values.Keys.Where(name => name.EndsWith(entries, StringComparison.Ordinal)).Select(name => name[..^entries.Length]).Where(group => group != AnyReader).Order(StringComparer.Ordinal)
                .Select(group => new LostEntries(partition, group, Number(values, group + entries), Id(values, $"{group}:after"), Id(values, $"{group}:until"), Number(values, $"{group}:at")))
                .Where(lost => lost.Entries > 0),
        ];
        return (groups, Number(values, AnyReader + entries));
    }

    private static long Number(Dictionary<string, string> values, string name) => long.TryParse(values.GetValueOrDefault(name), out var number) ? number : 0;

    private static StreamId Id(Dictionary<string, string> values, string name) => StreamId.TryParse(values.GetValueOrDefault(name), out var id) ? id : StreamId.Zero;
}
