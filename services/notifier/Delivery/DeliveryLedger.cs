using System.Text;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>
/// The memory of what was sent, of one owned partition: a cursor a route, behind which all alerts are settled, and a line an alert and route.
/// Every write is fenced, so that a former owner changes nothing; the lines are such that writing one twice is as once.
/// </summary>
internal sealed class DeliveryLedger(OwnedPartition partition, IConnectionMultiplexer redis, AlertKeys keys, TimeSpan ttl, NotifierMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly string cursorsKey = keys.Cursors(partition.Partition);

    /// <summary>
    /// Positions of the routes. One that is new begins behind what stands in the outbox, and that is written down before any alert is added:
    /// a route is told what happens after it was configured.
    /// </summary>
    /// <returns>Null when the partition is another's.</returns>
    public async Task<IReadOnlyDictionary<string, StreamId>?> OpenAsync(IEnumerable<string> routes, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var stored = await database.HashGetAllAsync(cursorsKey, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        var cursors = stored.ToDictionary(field => field.Name.ToString(), field => StreamId.Parse(field.Value.ToString()), StringComparer.Ordinal);
        var missing = routes.Where(route => !cursors.ContainsKey(route)).ToArray();
        if (missing.Length == 0) return cursors;

        var last = await database.StreamRangeAsync(keys.Outbox(partition.Partition), "-", "+", 1, Order.Descending, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        var end = last.Length == 0 ? StreamId.Zero : StreamId.Parse(last[0].Id.ToString());
        foreach (var route in missing) cursors[route] = end;
        return await CommitAsync(null, [], missing, end, cancellationToken) ? cursors : null;
    }

    /// <summary>What is known of an alert on a route, or null.</summary>
    public async Task<DeliveryRecord?> ReadAsync(string alertId, string route, CancellationToken cancellationToken)
    {
        var names = AlertCodec.DeliveryFields(route);
        try
        {
            var values = await redis.GetDatabase().HashGetAsync(keys.Alert(partition.Partition, alertId), [.. names.Select(name => (RedisValue)name)], CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            var fields = names.Zip(values).Where(field => !field.Second.IsNull).ToDictionary(field => field.First, field => field.Second.ToString(), StringComparer.Ordinal);
            return AlertCodec.TryDecodeDelivery(fields, route, out var delivery) ? delivery : null;
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            // Somebody's key stands there; what is behind the cursor was not settled.
            return null;
        }
    }

    /// <summary>Writes a line; a settled one moves the route's cursor to <paramref name="position"/> with it.</summary>
    /// <returns>False when the partition is another's: nothing was written and nothing more may be sent.</returns>
    public Task<bool> WriteAsync(string alertId, StreamId position, DeliveryRecord delivery, CancellationToken cancellationToken) =>
        CommitAsync(keys.Alert(partition.Partition, alertId), AlertCodec.Encode(delivery), delivery.IsSettled ? [delivery.Route] : [], position, cancellationToken);

    /// <summary>Moves the cursor over an entry that needs nothing more; false as in <see cref="WriteAsync"/>.</summary>
    public Task<bool> PassAsync(string route, StreamId position, CancellationToken cancellationToken) => CommitAsync(null, [], [route], position, cancellationToken);

    // Again and again until it is written: what was sent and is not written down would be sent again.
    private async Task<bool> CommitAsync(string? alertKey, EventField[] line, IReadOnlyList<string> passed, StreamId position, CancellationToken cancellationToken)
    {
        for (var pause = PauseMin; ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            var batch = partition.NewBatch();
            if (alertKey is not null)
            {
                batch.SetHash(alertKey, line);
                batch.Expire(alertKey, ttl);
            }

            foreach (var route in passed) batch.Advance(cursorsKey, Encoding.ASCII.GetBytes(route), position);
            switch (await partition.CommitAsync(batch, cancellationToken))
            {
                case CommitOutcome.Applied:
                    return true;
                case CommitOutcome.LeaseLost:
                    return false;
                case CommitOutcome.WrongType wrong:
                    foreach (var key in wrong.Keys) metrics.Trouble.Unreadable(key, KeyFault.WrongType);
                    // Somebody's key stands where the alert's line belongs: that the route goes on matters more than the line.
                    if (alertKey is not null && wrong.Keys.Contains(alertKey)) alertKey = null;
                    break;
            }

            await time.PauseAsync(pause, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
