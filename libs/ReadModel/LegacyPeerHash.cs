using System.Globalization;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// A peer as wireguard-peer-monitoring stores it: hash <c>wireguard_peer:17</c> with <c>ip</c>, <c>port</c>, <c>handshake</c> and <c>keepalive</c>, times as
/// <c>2026-11-22 12:57:54</c> UTC. A field that nothing is known for is absent.
/// </summary>
/// <remarks>Source: monitoring/redis_handler.py of hatamiarash7/Wireguard-Peer-Monitoring, version 1.4.0.</remarks>
public static class LegacyPeerHash
{
    /// <summary>First part of the keys.</summary>
    public const string KeyPrefix = "wireguard_peer:";

    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>The fields, in the order written; <c>docs/redis.md</c> explains them.</summary>
    public static IReadOnlyList<string> FieldNames { get; } = ["ip", "port", "handshake", "keepalive"];

    /// <summary>The kernel's number alone: it names a peer on one host and in one load of its module only.</summary>
    public static string Key(ulong number) => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{number}");

    /// <summary>
    /// What is known of the peer, and the fields for which nothing is. An IPv6 address stands there without brackets, and the port alone: where the original
    /// put <c>51820/0%0</c> there, it had cut the line at the wrong place.
    /// </summary>
    public static (EventField[] Known, ReadOnlyMemory<byte>[] Absent) Encode(PeerState peer)
    {
        string?[] values =
        [
            peer.Endpoint.IsNone ? null : peer.Endpoint.Address.ToString(),
            peer.Endpoint.IsNone ? null : peer.Endpoint.Port.ToString(CultureInfo.InvariantCulture),
            Time(peer.LastHandshakeAt),
            Time(peer.KeepaliveReceivedAt),
        ];
        var fields = FieldNames.Zip(values).ToList();
        return ([.. fields.Where(field => field.Second is not null).Select(field => EventField.Of(field.First, field.Second!))],
            [.. fields.Where(field => field.Second is null).Select(field => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(field.First))]);
    }

    private static string? Time(long microseconds) => microseconds == 0 ? null : UnixMicroseconds.ToTime(microseconds).ToString(TimeFormat, CultureInfo.InvariantCulture);
}
