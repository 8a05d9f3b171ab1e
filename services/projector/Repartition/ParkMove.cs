using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>
/// What was passed over stays passed over in the copy, what is parked stays parked, and a retry still tells where its entry stood, also where that has another ID now.
/// </summary>
internal sealed class ParkMove(IConnectionMultiplexer redis, StreamKeys keys, StreamKeys copy, int from)
{
    private readonly Dictionary<(int Source, StreamId Id), StreamId> positions = [];
    private readonly HashSet<(int Target, string Group, StreamId Id)> passed = [];
    private HashSet<StreamId>[] known = [];

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var projector = new PassedEntries(redis, keys, ConsumerGroups.Projector);
        known = await Task.WhenAll(Enumerable.Range(0, from).Select(partition => projector.ReadAsync(partition, StreamId.Zero, StreamId.Max, cancellationToken)));
    }

    /// <summary>Takes note of an entry of the log, and gives its fields as they are to stand in the copy.</summary>
    public NameValueEntry[] Note(MovedEntry entry, NameValueEntry[] fields)
    {
        if (known[entry.Source].Contains(entry.Id)) Pass(entry, entry.Id, entry.NewId);
        if (fields is not [.., { } last] || last.Name != "retry_of" || !StreamId.TryParse(last.Value.ToString(), out var origin) || !known[entry.Source].Contains(origin)) return fields;
        return [.. fields[..^1], new(last.Name, Pass(entry, origin, PositionOf(entry.Source, origin)).ToString())];
    }

    /// <summary>Copies what is parked, once the log is copied.</summary>
    public async Task MoveAsync(StreamMerge merge, CancellationToken cancellationToken)
    {
        foreach (var group in ConsumerGroups.All)
        {
            await merge.CopyAsync(partition => keys.Parked(partition, group), partition => copy.Parked(partition, group), null, null, cancellationToken, (entry, fields) =>
            {
                if (fields is not [{ } first, ..] || !StreamId.TryParse(first.Value.ToString(), out var id)) return fields;
                var position = PositionOf(entry.Source, id);
                passed.Add((entry.Target, group, position));
                return [new(first.Name, position.ToString()), .. fields[1..]];
            });
        }
        foreach (var (target, group, id) in passed)
            await redis.GetDatabase().SortedSetAddAsync(copy.Passed(target, group), PassedEntries.Member(id), 0).WaitAsync(cancellationToken);
    }

    // The notifier's view of the copy is the projector's, and so is what it passed over.
    private StreamId Pass(MovedEntry entry, StreamId id, StreamId position)
    {
        positions[(entry.Source, id)] = position;
        foreach (var group in ConsumerGroups.All) passed.Add((entry.Target, group, position));
        return position;
    }

    // What was folded into the base is not copied and keeps its ID.
    private StreamId PositionOf(int source, StreamId id) => positions.GetValueOrDefault((source, id), id);
}
