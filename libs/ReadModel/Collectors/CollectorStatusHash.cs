using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace WgMonitor.ReadModel;

/// <summary>A collector's status as a hash: named fields for anybody with a Redis client, and <c>status</c> with all of it.</summary>
public static class CollectorStatusHash
{
    /// <summary>The fields, in the order written; <c>docs/redis.md</c> explains them.</summary>
    public static IReadOnlyList<string> FieldNames { get; } =
        ["machine", "started", "written", "received", "events", "ignored", "rejected", "dropped", "socket_drops", "durability", "status"];

    /// <summary>All fields.</summary>
    public static HashEntry[] Encode(CollectorStatus status) =>
    [
        new("machine", status.Machine), new("started", status.StartedAt), new("written", status.WrittenAt), new("received", status.Lines.Received),
        new("events", status.Lines.Events), new("ignored", status.Lines.Ignored.Values.Sum()), new("rejected", status.Lines.Rejected.Values.Sum()),
        new("dropped", status.Lines.Dropped.Values.Sum()), new("socket_drops", status.Listeners.Sum(listener => listener.SocketDrops)),
        new("durability", status.Durability), new("status", JsonSerializer.SerializeToUtf8Bytes(status, CollectorStatusJson.Default.CollectorStatus)),
    ];

    /// <summary>Anybody may have written the key: null when <paramref name="status"/> is none.</summary>
    public static CollectorStatus? Decode(RedisValue status)
    {
        if (status.IsNullOrEmpty) return null;
        try
        {
            var decoded = JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)status).Span, CollectorStatusJson.Default.CollectorStatus);
            return decoded is { Lines: { Ignored: not null, Rejected: not null, Dropped: not null, Limits: not null }, Listeners: not null, Samples: not null }
                and { Connections: null or { Closed: not null, Last: not null } } ? decoded : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CollectorStatus))]
internal sealed partial class CollectorStatusJson : JsonSerializerContext;
