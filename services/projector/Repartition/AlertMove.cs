using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>
/// The outbox, what is known of each alert and its deliveries, and how far each route is. A route stands before the first alert that it has not settled;
/// what it has settled behind that stands with the alert, so nothing is sent again.
/// </summary>
internal sealed class AlertMove(IConnectionMultiplexer redis, StreamKeys keys, StreamKeys copy, int from, int to)
{
    private readonly AlertKeys old = new(keys);
    private readonly AlertKeys moved = new(copy);

    /// <returns>How many alerts are known.</returns>
    public async Task<int> MoveAsync(StreamMerge merge, PartitionKeyScan scan, CancellationToken cancellationToken)
    {
        var cursors = new Dictionary<string, StreamId>[from];
        for (var partition = 0; partition < from; partition++) cursors[partition] = await CursorsAsync(partition, cancellationToken);
        var routes = cursors.SelectMany(known => known.Keys).Distinct(StringComparer.Ordinal).ToArray();
        var reached = new StreamId[to, routes.Length];
        var waiting = new bool[to, routes.Length];
        await merge.CopyAsync(old.Outbox, moved.Outbox, null, entry =>
        {
            for (var route = 0; route < routes.Length; route++)
            {
                // A route that a partition does not know begins behind what stands there.
                var isSettled = !cursors[entry.Source].TryGetValue(routes[route], out var cursor) || entry.Id <= cursor;
                waiting[entry.Target, route] |= !isSettled;
                if (!waiting[entry.Target, route]) reached[entry.Target, route] = entry.NewId;
            }
        }, cancellationToken);
        for (var partition = 0; partition < to && routes.Length > 0; partition++)
        {
            HashEntry[] fields = [.. routes.Select((route, index) => new HashEntry(route, reached[partition, index].ToString()))];
            await redis.GetDatabase().HashSetAsync(moved.Cursors(partition), fields, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        }
        return await MoveHashesAsync(merge, scan, cancellationToken);
    }

    private async Task<Dictionary<string, StreamId>> CursorsAsync(int partition, CancellationToken cancellationToken)
    {
        var stored = await redis.GetDatabase().HashGetAllAsync(old.Cursors(partition), CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        return stored.ToDictionary(field => field.Name.ToString(), field => StreamId.Parse(field.Value.ToString()), StringComparer.Ordinal);
    }

    private async Task<int> MoveHashesAsync(StreamMerge merge, PartitionKeyScan scan, CancellationToken cancellationToken)
    {
        const string marker = "}:alert:";
        var database = redis.GetDatabase();
        var done = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in scan.KeysAsync(keys.Prefix, cancellationToken))
        {
            var at = key.IndexOf(marker, StringComparison.Ordinal);
            if (at < 0 || !done.Add(key)) continue;
            var host = (await database.HashGetAsync(key, "host", CommandFlags.DemandMaster).WaitAsync(cancellationToken)).ToString();
            var dump = await database.KeyDumpAsync(key, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            var ttl = await database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            if (dump is null) continue; // it has just expired
            await database.KeyRestoreAsync(moved.Alert(merge.TargetOf(host), key[(at + marker.Length)..]), dump, ttl, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        }
        return done.Count;
    }
}
