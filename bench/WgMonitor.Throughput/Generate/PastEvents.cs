using System.Buffers.Text;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Throughput.Generate;

/// <summary>
/// The endless log of one partition's hosts, straight into batches: each peer sends a keepalive every 25 s and makes a handshake every 120 s (four lines), moves to
/// another port after every 50th and to another address after every 500th of them, and loses its session after every 20th.
/// </summary>
internal sealed class PastEvents
{
    private const long Second = 1_000_000;
    private const int LinesACycle = 8;

    private readonly (byte[] Host, int Peer, byte[] Endpoint)[] peers;
    private readonly int[] cycles;
    private readonly long startedAt;
    private long index;
    private long now;

    /// <param name="hosts">Names of the hosts.</param>
    /// <param name="peersPerHost">Of each.</param>
    /// <param name="startedAt">Time of the first line, Unix microseconds.</param>
    public PastEvents(IReadOnlyList<string> hosts, int peersPerHost, long startedAt)
    {
        peers = [.. hosts.SelectMany(host => Enumerable.Range(1, peersPerHost).Select(peer => (Encoding.ASCII.GetBytes(host), peer, Array.Empty<byte>())))];
        cycles = new int[peers.Length];
        this.startedAt = now = startedAt;
        for (var peer = 0; peer < peers.Length; peer++) peers[peer].Endpoint = EndpointOf(peer);
    }

    /// <summary>Time of the last line.</summary>
    public long Now => now;

    /// <summary>Adds the next lines: one of each peer in turn, 25 s of time for a round of all of them.</summary>
    public void Fill(EventBatch batch, int count)
    {
        for (var i = 0; i < count; i++, index++)
        {
            var peer = (int)(index % peers.Length);
            Write(batch, peer, (int)(index / peers.Length % LinesACycle));
            now += 25 * Second / peers.Length;
        }
    }

    // Four keepalives, then the lines of a rekey.
    private void Write(EventBatch batch, int peer, int line)
    {
        switch (line)
        {
            case 4:
                cycles[peer]++;
                if (cycles[peer] % 50 == 0) peers[peer].Endpoint = EndpointOf(peer);
                Write(batch, peer, cycles[peer] % 20 == 0 ? EventKind.KeysZeroed : EventKind.HandshakeInitiationReceived, true, null, cycles[peer] % 20 == 0);
                break;
            case 5:
                Write(batch, peer, EventKind.HandshakeResponseSent, true, null, false);
                break;
            case 6:
                Write(batch, peer, EventKind.KeypairCreated, false, Keypair(peer, cycles[peer]), false);
                break;
            case 7 when cycles[peer] > 2:
                Write(batch, peer, EventKind.KeypairDestroyed, false, Keypair(peer, cycles[peer] - 2), false);
                break;
            default:
                Write(batch, peer, EventKind.KeepaliveReceived, true, null, false);
                break;
        }
    }

    private void Write(EventBatch batch, int peer, EventKind kind, bool hasEndpoint, long? keypair, bool seconds)
    {
        var (host, number, endpoint) = peers[peer];
        batch.BeginEvent();
        batch.Field(FieldNames.Event, EventNames.Utf8Of(kind));
        batch.Field(FieldNames.Host, host);
        Number(batch, FieldNames.At, now);
        Number(batch, FieldNames.Received, now + 1_000);
        Number(batch, FieldNames.Uptime, now - startedAt + 60 * Second);
        batch.Field(FieldNames.Interface, "wg0"u8);
        Number(batch, FieldNames.Peer, number);
        batch.Field(FieldNames.Endpoint, hasEndpoint ? endpoint : default);
        if (keypair is { } id) Number(batch, FieldNames.Keypair, id);
        else batch.Field(FieldNames.Keypair, default);
        batch.Field(FieldNames.Trust, default);
        if (seconds) batch.Field(FieldNames.Seconds, "540"u8);
        batch.EndEvent();
    }

    // Numbers are dense over a host: all of its peers rekey in the same round.
    private long Keypair(int peer, int cycle) => (long)(cycle - 1) * peers.Length + peer + 1;

    private byte[] EndpointOf(int peer) =>
        Encoding.ASCII.GetBytes($"10.{peer / 250 % 250}.{peer % 250}.{1 + cycles[peer] / 500 % 250}:{20_000 + cycles[peer] % 40_000}");

    private static void Number(EventBatch batch, ReadOnlySpan<byte> name, long value)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, text, out var length);
        batch.Field(name, text[..length]);
    }
}
