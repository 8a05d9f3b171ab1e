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

    /// <summary>
    /// What a hash says, ours or the original's, with an IPv6 endpoint as <c>[2001:db8::1]</c> and <c>51820/0%0</c>. False for anything that neither writes:
    /// half an endpoint, no time at all, or a time beyond <paramref name="latest"/>.
    /// </summary>
    /// <param name="values">In the order of <see cref="FieldNames"/>; null for an absent field.</param>
    /// <param name="latest">Unix microseconds.</param>
    /// <param name="endpoint">None where only keepalives were seen.</param>
    /// <param name="handshake">Unix microseconds, 0 for none.</param>
    /// <param name="keepalive">The same.</param>
    public static bool TryDecode(IReadOnlyList<string?> values, long latest, out PeerEndpoint endpoint, out long handshake, out long keepalive)
    {
        keepalive = 0;
        return TryEndpoint(values[0], values[1], out endpoint) & TryTime(values[2], latest, out handshake) && TryTime(values[3], latest, out keepalive) && Math.Max(handshake, keepalive) > 0;
    }

    /// <summary>The number of a key; false for another key.</summary>
    public static bool TryNumber(string key, out ulong number)
    {
        number = 0;
        return key.StartsWith(KeyPrefix, StringComparison.Ordinal) && DecimalText.TryParse(Encoding.UTF8.GetBytes(key[KeyPrefix.Length..]), out number) && number > 0;
    }

    private static bool TryEndpoint(string? ip, string? port, out PeerEndpoint endpoint)
    {
        endpoint = PeerEndpoint.None;
        if (ip is null || port is null) return ip is null && port is null;
        var address = ip.Contains(':') && !ip.StartsWith('[') ? $"[{ip}]" : ip;
        return PeerEndpoint.TryParse(Encoding.UTF8.GetBytes($"{address}:{port}"), out endpoint) && !endpoint.IsNone;
    }

    private static bool TryTime(string? text, long latest, out long microseconds)
    {
        microseconds = 0;
        if (text is null) return true;
        if (!DateTime.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return false;
        microseconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return microseconds > 0 && microseconds <= latest;
    }

    private static string? Time(long microseconds) => microseconds == 0 ? null : UnixMicroseconds.ToTime(microseconds).ToString(TimeFormat, CultureInfo.InvariantCulture);
}
