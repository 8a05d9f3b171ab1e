using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>An alert and what is known of its deliveries.</summary>
public sealed record AlertHistory(AlertRecord Alert, IReadOnlyList<DeliveryRecord> Deliveries);

/// <summary>Where a page of alerts ended.</summary>
/// <param name="Position">Position in the outbox.</param>
/// <param name="Partition">Of which partition; positions of two partitions may be equal.</param>
public readonly record struct AlertPosition(StreamId Position, int Partition)
{
    /// <summary>Behind every alert: where reading begins.</summary>
    public static AlertPosition Newest => new(StreamId.Max, int.MaxValue);

    internal bool IsBefore(AlertPosition other) => Position < other.Position || (Position == other.Position && Partition < other.Partition);
}

/// <summary>A page of alerts, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Where the next page begins; null when there is no older alert.</param>
public sealed record AlertPage(IReadOnlyList<AlertHistory> Items, AlertPosition? Next);

/// <summary>Reads alerts and their deliveries, of all partitions. Throws what the Redis client throws.</summary>
public sealed class AlertLog(IConnectionMultiplexer redis, AlertKeys keys, int partitions)
{
    /// <summary>Alerts that stand in the outboxes, newest first.</summary>
    /// <param name="before">Where the page before ended, or <see cref="AlertPosition.Newest"/>.</param>
    /// <param name="count">1 or more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<AlertPage> ReadAsync(AlertPosition before, int count, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var reads = Enumerable.Range(0, partitions).Select(partition => ReadOutboxAsync(database, partition, before, count));
        var found = (await Task.WhenAll(reads).WaitAsync(cancellationToken)).SelectMany(entries => entries)
            .Where(entry => entry.At.IsBefore(before)).OrderByDescending(entry => entry.At.Position).ThenByDescending(entry => entry.At.Partition).Take(count + 1).ToArray();

        var page = found.Take(count).ToArray();
        var items = await Task.WhenAll(page.Select(entry => ReadHistoryAsync(database, entry))).WaitAsync(cancellationToken);
        return new AlertPage([.. items.OfType<AlertHistory>()], found.Length > count ? page[^1].At : null);
    }

    /// <summary>One alert by its id, also after it has left the outbox; null if it is not known (any more).</summary>
    public async Task<AlertHistory?> FindAsync(string alertId, CancellationToken cancellationToken)
    {
        if (!AlertId.IsWellFormed(alertId)) return null;
        var database = redis.GetDatabase();
        var reads = Enumerable.Range(0, partitions).Select(partition => ReadLedgerAsync(database, partition, alertId));
        foreach (var fields in await Task.WhenAll(reads).WaitAsync(cancellationToken))
        {
            if (AlertCodec.TryDecode(fields, out var alert)) return new AlertHistory(alert, AlertCodec.DecodeDeliveries(fields));
        }

        return null;
    }

    // One more than asked for tells whether there is a next page, and one more may be that of the position itself, given already.
    private async Task<OutboxLine[]> ReadOutboxAsync(IDatabase database, int partition, AlertPosition before, int count)
    {
        var top = before.Position == StreamId.Max ? "+" : before.Position.ToString();
        var entries = await database.StreamRangeAsync(keys.Outbox(partition), "-", top, count + 2, Order.Descending);
        return [.. entries.Select(entry => new OutboxLine(new(StreamId.Parse(entry.Id.ToString()), partition), entry.Values))];
    }

    private async Task<AlertHistory?> ReadHistoryAsync(IDatabase database, OutboxLine line)
    {
        var fields = line.Values.ToDictionary(field => field.Name.ToString(), field => field.Value.ToString(), StringComparer.Ordinal);
        if (!AlertCodec.TryDecode(fields, out var alert)) return null;
        return new AlertHistory(alert, AlertCodec.DecodeDeliveries(await ReadLedgerAsync(database, line.At.Partition, alert.Id)));
    }

    private async Task<Dictionary<string, string>> ReadLedgerAsync(IDatabase database, int partition, string alertId)
    {
        try
        {
            var hash = await database.HashGetAllAsync(keys.Alert(partition, alertId));
            return hash.ToDictionary(field => field.Name.ToString(), field => field.Value.ToString(), StringComparer.Ordinal);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            // Somebody else's key: nothing is known of this one, and the others are fine.
            return [];
        }
    }

    private readonly record struct OutboxLine(AlertPosition At, NameValueEntry[] Values);
}
