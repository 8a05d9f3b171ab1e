using System.Text.Json;
using StackExchange.Redis;

namespace WgMonitor.ReadModel.History;

/// <summary>Reads history points. A key that holds something else is as absent, and told; methods throw what the client throws when Redis is away.</summary>
/// <param name="redis">Connection.</param>
/// <param name="keys">Names of the keys.</param>
/// <param name="unreadable">Told of every key that holds something else.</param>
public sealed class PointReader(IConnectionMultiplexer redis, HistoryKeys keys, Action<string, KeyFault>? unreadable = null)
{
    /// <summary>All points of a partition, oldest first.</summary>
    public async Task<IReadOnlyList<HistoryPoint>> ReadPointsAsync(int partition, CancellationToken cancellationToken)
    {
        try
        {
            var members = await redis.GetDatabase().SortedSetRangeByRankWithScoresAsync(keys.Points(partition), flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            var points = new List<HistoryPoint>(members.Length);
            foreach (var member in members)
            {
                if (HistoryPoint.TryParse(member.Element.ToString(), member.Score, out var point)) points.Add(point);
                else unreadable?.Invoke(keys.Points(partition), KeyFault.BrokenState);
            }
            return points;
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            unreadable?.Invoke(keys.Points(partition), KeyFault.WrongType);
            return [];
        }
    }

    /// <summary>The state at a point, its hosts read when they are asked for; null when a point of its row is gone or holds something else.</summary>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="points">As <see cref="ReadPointsAsync"/> gave them.</param>
    /// <param name="at">Index of the point in them.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    internal async Task<PointState?> OpenAsync(int partition, IReadOnlyList<HistoryPoint> points, int at, CancellationToken cancellationToken)
    {
        var full = at;
        while (full >= 0 && !points[full].IsFull) full--;
        if (full < 0) return null;
        var row = points.Skip(full).Take(at - full + 1).ToList();
        var hosts = await Task.WhenAll(row.Select(point => ReadAsync(partition, point, PointFields.Hosts, cancellationToken)));
        return hosts.Contains(null) ? null : new PointState(this, partition, row, hosts!);
    }

    /// <summary>A field of a point, unpacked; null when it is gone or holds something else.</summary>
    internal async Task<byte[]?> ReadAsync(int partition, HistoryPoint point, string field, CancellationToken cancellationToken)
    {
        var key = keys.Point(partition, point.Id.ToString());
        try
        {
            var packed = await redis.GetDatabase().HashGetAsync(key, field, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            return packed.IsNull ? null : PackedText.Unpack(((ReadOnlyMemory<byte>)packed).Span);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            unreadable?.Invoke(key, KeyFault.WrongType);
            return null;
        }
        catch (InvalidDataException)
        {
            unreadable?.Invoke(key, KeyFault.BrokenState);
            return null;
        }
    }

    /// <summary>A host as one line of a part tells it; null when the line holds something else.</summary>
    internal HostRecord? ReadHost(int partition, HistoryPoint point, ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, HistoryJson.Default.HostRecord) is { State.IsComplete: true, Peers: not null } record) return record;
        }
        catch (JsonException)
        {
        }
        unreadable?.Invoke(keys.Point(partition, point.Id.ToString()), KeyFault.BrokenState);
        return null;
    }
}
