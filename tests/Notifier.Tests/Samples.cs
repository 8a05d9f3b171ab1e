using System.Text;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier.Tests;

/// <summary>Alerts and events as they come.</summary>
internal static class Samples
{
    /// <summary>2025-11-22T14:10:29.123456Z.</summary>
    public const long At = 1763820629_123456;

    public static PeerEndpoint Endpoint(string text) =>
        PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out var endpoint) ? endpoint : throw new FormatException(text);

    public static AlertRecord Alert(string old = "203.0.113.5:51820", string now = "198.51.100.7:40000", StreamId? cause = null)
    {
        var id = cause ?? new StreamId(1763820629200, 4);
        var (from, to) = (Endpoint(old), Endpoint(now));
        return new AlertRecord(
            AlertId.Of("endpoint-changed", "vpn-01/1/17", id), AlertRecord.EndpointChangedKind, "endpoint-changed", "vpn-01", new PeerId(1, 17), "wg0", from, to,
            from.Address == to.Address ? EndpointChange.Port : EndpointChange.Address, At, At + 50_000, [id], EventKind.HandshakeInitiationReceived,
            EndpointCertainty.Authenticated, Complete: true);
    }

    /// <summary><c>wg0: Receiving keepalive packet from peer 17 (198.51.100.7:40000)</c>, the seconds after <see cref="At"/>.</summary>
    public static WireGuardEvent Keepalive(string endpoint, int second, ulong peer = 17, string host = "vpn-01", TrustLevel trust = TrustLevel.Udp) =>
        new KeepaliveReceived(new EventHeader(host, At + second * 1_000_000L, At + second * 1_000_000L + 500, second * 1_000_000L, Trust: trust), "wg0", peer, Endpoint(endpoint));
}
