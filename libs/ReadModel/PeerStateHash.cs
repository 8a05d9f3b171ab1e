using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// One peer as a hash: named fields for anybody with a Redis client, and <c>state</c> with all the fold knows.
/// Times are Unix microseconds, 0 for never.
/// </summary>
public static class PeerStateHash
{
    /// <summary>The named fields, in the order written; <c>docs/redis.md</c> explains them.</summary>
    public static IReadOnlyList<string> FieldNames { get; } =
        ["host", "epoch", "peer", "interface", "ip", "port", "endpoint_since", "last_handshake", "handshake_confirmed", "last_keepalive", "last_seen", "gone", "last_id", "state"];

    private static readonly byte[][] Names = [.. FieldNames.Select(Encoding.ASCII.GetBytes)];

    /// <summary>All fields.</summary>
    public static EventField[] Encode(string host, PeerState peer)
    {
        byte[][] values =
        [
            Text(host), Text(peer.Id.Epoch), Text(peer.Id.Number), Text(peer.Interface),
            Text(peer.Endpoint.Address.ToString()), peer.Endpoint.IsNone ? [] : Text(peer.Endpoint.Port), Text(peer.EndpointSince),
            Text(peer.LastHandshakeAt), Text(peer.HandshakeConfirmed ? 1 : 0), Text(peer.KeepaliveReceivedAt), Text(peer.LastSeenAt),
            Text(peer.IsGone ? 1 : 0), Text(peer.Cause.ToString()), State(peer),
        ];
        var fields = new EventField[Names.Length];
        for (var i = 0; i < fields.Length; i++) fields[i] = new(Names[i], values[i]);
        return fields;
    }

    /// <summary>Only <c>state</c>.</summary>
    public static EventField[] EncodeState(PeerState peer) => [new(Names[^1], State(peer))];

    /// <summary>Null for an empty hash: the peer was forgotten between the index and now.</summary>
    /// <exception cref="JsonException">The state was written by a newer or a broken writer.</exception>
    public static PeerState? Decode(RedisValue state) =>
        state.IsNullOrEmpty ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)state).Span, StateJson.Default.PeerState);

    /// <summary>As <see cref="Decode"/>, for a key that anybody may have written: false when the state is not one of the peer <paramref name="id"/>.</summary>
    public static bool TryDecode(RedisValue state, PeerId id, out PeerState? peer)
    {
        peer = null;
        try
        {
            var decoded = Decode(state);
            if (decoded is null ? !state.IsNullOrEmpty : decoded.Id != id || decoded.Interface is null) return false;
            peer = decoded;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] State(PeerState peer) => JsonSerializer.SerializeToUtf8Bytes(peer, StateJson.Default.PeerState);

    private static byte[] Text<T>(T value) where T : notnull => Encoding.UTF8.GetBytes(value.ToString() ?? "");
}
