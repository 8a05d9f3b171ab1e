using WgMonitor.Testing;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>Seeded bad datagrams: noise, and recorded and invented lines cut, flipped, doubled and glued. The returned bytes are valid until the next call.</summary>
internal sealed class DatagramGenerator(int seed)
{
    private static readonly byte[][] Samples =
    [
        .. new[]
        {
            TestPipeline.L0,
            "<7>2026-11-22T12:00:00.882452+00:00 vpn-gw kernel: [   13.115771] wireguard: wg0: Keypair 5 created for peer 2",
            "<7>1 2026-11-22T12:00:00.882452+00:00 vpn-gw kernel - - [a b=\"c\\\"\"] \u00ef\u00bb\u00bf[   13.115771] wireguard: wg1: Receiving handshake initiation from peer 26 ([2001:db8::2]:51821/0%0)\n",
            "<7>Nov 22 12:00:00 vpn-gw kernel: message repeated 3 times: [ wireguard: wg0: Peer 3 ((einval)) destroyed]",
            "<7>Nov 22 12:00:00 vpn-gw kernel: [ 1.2][  T158] [158] wireguard:wg_peer_create:63: wireguard: wg0: Packet has unallowed src IP (fd66::66) from peer 17 ([fe80::1]:1/0%2)",
            "<4>Nov 22 12:00:00 vpn-gw kernel: [   13.115771] net_ratelimit: 4 callbacks suppressed",
            "<7>Nov 22 12:00:00 Message forwarded from vpn-01: kernel: wireguard: wg0: Interface created",
        }.Select(TestPipeline.Bytes),
        .. Recorded(),
    ];

    // Of every recording in every form; floods are most of some of them.
    private const int RecordedPerForm = 300;

    private readonly Random random = new(seed);
    private readonly byte[] buffer = new byte[9000];

    private static IEnumerable<byte[]> Recorded() => Corpus.Runs.SelectMany(run => run.DatagramForms.SelectMany(form =>
    {
        var datagrams = run.Datagrams(form);
        return datagrams.Where((_, at) => at % Math.Max(1, datagrams.Count / RecordedPerForm) == 0).Select(datagram => datagram.Bytes.ToArray());
    }));

    public ReadOnlySpan<byte> Next() => buffer.AsSpan(0, random.Next(10) switch
    {
        0 => Noise(random.Next(300)),
        1 => Noise(random.Next(9000)),
        2 => Printable(random.Next(300)),
        3 => Glued(),
        _ => Mutated(),
    });

    /// <summary>A line with few changes or none.</summary>
    public ReadOnlySpan<byte> NextLine() => buffer.AsSpan(0, Mutated());

    private int Noise(int length)
    {
        random.NextBytes(buffer.AsSpan(0, length));
        return length;
    }

    private int Printable(int length)
    {
        const string Alphabet = "<>[]()-: \\\"0123456789TZ+.%/wgkernelPNov\n\0";
        for (var i = 0; i < length; i++) buffer[i] = (byte)Alphabet[random.Next(Alphabet.Length)];
        return length;
    }

    private int Sample(int at)
    {
        var sample = Samples[random.Next(Samples.Length)];
        sample.CopyTo(buffer, at);
        return sample.Length;
    }

    private int Glued()
    {
        var first = random.Next(Sample(0));
        return first + Sample(first);
    }

    /// <summary>One to three changes: a byte flipped, removed, doubled, or the end cut off.</summary>
    private int Mutated()
    {
        var length = Sample(0);
        for (var changes = random.Next(4); changes > 0 && length > 1; changes--)
        {
            var at = random.Next(length);
            switch (random.Next(4))
            {
                case 0:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 1:
                    buffer.AsSpan(at + 1, length - at - 1).CopyTo(buffer.AsSpan(at));
                    length--;
                    break;
                case 2:
                    buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + 1));
                    length++;
                    break;
                default:
                    length = at;
                    break;
            }
        }
        return length;
    }
}
