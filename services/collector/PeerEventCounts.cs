using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>
/// Handshakes and keepalives received, by the kernel's peer number, for the counter that dashboards of the original tool read. Bounded: peers beyond
/// the maximum share one row. Not thread-safe.
/// </summary>
internal sealed class PeerEventCounts(int peersMax)
{
    private readonly Dictionary<ulong, (long Handshakes, long Keepalives)> byPeer = [];
    private (long Handshakes, long Keepalives) overflow;

    /// <summary>Counts what the original counted: <c>Receiving handshake …</c> and <c>Receiving keepalive packet</c>.</summary>
    public void Add(in EventFields fields)
    {
        var handshake = fields.Kind is EventKind.HandshakeInitiationReceived or EventKind.HandshakeResponseReceived;
        if (!handshake && fields.Kind != EventKind.KeepaliveReceived) return;
        var known = byPeer.TryGetValue(fields.Peer, out var counts);
        if (!known && byPeer.Count >= peersMax)
        {
            overflow = Sum(overflow, handshake, fields.Repeat);
            return;
        }
        byPeer[fields.Peer] = Sum(counts, handshake, fields.Repeat);
    }

    public void CopyTo(Dictionary<ulong, (long Handshakes, long Keepalives)> peers, out (long Handshakes, long Keepalives) others)
    {
        foreach (var (peer, counts) in byPeer) peers[peer] = counts;
        others = overflow;
    }

    private static (long, long) Sum((long Handshakes, long Keepalives) counts, bool handshake, int times) =>
        handshake ? (counts.Handshakes + times, counts.Keepalives) : (counts.Handshakes, counts.Keepalives + times);
}
