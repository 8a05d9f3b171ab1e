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
    [
        "host", "epoch", "peer", "interface", "ip", "port", "endpoint_since", "endpoint_trust", "last_handshake", "handshake_confirmed", "last_keepalive", "last_seen", "gone",
        "trust", "last_id", "state",
    ];

    /// <summary>All fields.</summary>
    public static EventField[] Encode(string host, PeerState peer) =>
    [
        EventField.Of("host", host), EventField.Of("epoch", peer.Id.Epoch), EventField.Of("peer", peer.Id.Number), EventField.Of("interface", peer.Interface),
        EventField.Of("ip", peer.Endpoint.Address.ToString()), peer.Endpoint.IsNone ? EventField.Of("port", "") : EventField.Of("port", peer.Endpoint.Port),
        EventField.Of("endpoint_since", peer.EndpointSince), EventField.Of("endpoint_trust", TrustWords.Of(peer.EndpointTrust)), EventField.Of("last_handshake", peer.LastHandshakeAt),
        EventField.Of("handshake_confirmed", peer.HandshakeConfirmed ? 1 : 0), EventField.Of("last_keepalive", peer.KeepaliveReceivedAt),
        EventField.Of("last_seen", peer.LastSeenAt), EventField.Of("gone", peer.IsGone ? 1 : 0), EventField.Of("trust", TrustWords.Of(peer.Trust)),
        EventField.Of("last_id", peer.Cause.ToString()), State(peer),
    ];

    /// <summary>Only <c>state</c>.</summary>
    public static EventField[] EncodeState(PeerState peer) => [State(peer)];

    /// <summary>
    /// Anybody may have written the key: false when the state is not one of the peer <paramref name="id"/>. True with null for an empty hash: the peer was
    /// forgotten between the index and now.
    /// </summary>
    public static bool TryDecode(RedisValue state, PeerId id, out PeerState? peer)
    {
        peer = null;
        try
        {
            if (state.IsNullOrEmpty) return true;
            peer = JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)state).Span, StateJson.Default.PeerState);
            if (peer is not null && peer.Id == id && peer.Interface is not null) return true;
            peer = null;
            return false;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static EventField State(PeerState peer) => new(StateJson.FieldName, JsonSerializer.SerializeToUtf8Bytes(peer, StateJson.Default.PeerState));
}
