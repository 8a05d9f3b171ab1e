using System.Buffers;
using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Tests.Framing;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>Mutated lines in good and hostile framings, cut at random places: nothing throws or stands still, and what comes out does not depend on the cuts.</summary>
public class StreamFuzzTests
{
    private const int LinesPerStreamMax = 20;

    [Fact]
    public void Syslog_streams_give_the_same_frames_however_they_are_cut()
    {
        SyslogFramingRules[] rules = [new(), new(SyslogFraming.Lines), new(SyslogFraming.OctetCounted), new(MessageBytesMax: 480), new(SyslogFraming.Lines, 480, LineDelimiter.Nul, true)];
        Run(FuzzLines.SyslogStreams, Seed.Print(), AddSyslog, random =>
        {
            var rule = rules[random.Next(rules.Length)];
            return () => new SyslogFramer(rule);
        });
    }

    [Fact]
    public void Relp_streams_give_the_same_frames_however_they_are_cut() =>
        Run(FuzzLines.RelpStreams, Seed.Print(), AddRelp, random =>
        {
            var bytesMax = random.Next(2) == 0 ? 480 : 8192;
            return () => new RelpFramer(bytesMax);
        });

    [Fact]
    public void Proxy_headers_mean_the_same_however_they_are_cut()
    {
        var random = new Random(Seed.Print());
        var stream = new FuzzedStream(random);
        var complete = 0;
        for (var n = 0; n < FuzzLines.ProxyHeaders; n++)
        {
            stream.Clear();
            AddProxyHeader(stream, random);
            for (var changes = random.Next(3); changes > 0; changes--) stream.Damage();
            var bytes = stream.Bytes.ToArray();
            var whole = ProxyHeader.TryRead(new(bytes), out var consumed, out var sender);
            Assert.InRange(consumed, 0, bytes.Length);
            if (whole == ProxyHeaderKind.Complete) complete++;

            // Every shorter part says the same or nothing yet.
            var part = random.Next(bytes.Length + 1);
            var kind = ProxyHeader.TryRead(part == 0 ? ReadOnlySequence<byte>.Empty : FramedInput.Sequence(bytes[..part], random.Next(1, 20)), out var consumedOfPart, out var senderOfPart);
            if (whole == ProxyHeaderKind.More) Assert.Equal(ProxyHeaderKind.More, kind);
            else if (kind != ProxyHeaderKind.More) Assert.Equal((whole, consumed, sender), (kind, consumedOfPart, senderOfPart));
        }
        Assert.InRange(complete, FuzzLines.ProxyHeaders / 10, FuzzLines.ProxyHeaders * 9 / 10);
    }

    private static void Run(int lines, int seed, Action<FuzzedStream, Random, ReadOnlySpan<byte>, int> add, Func<Random, Func<IFramer>> choose)
    {
        foreach (var part in FuzzLines.Parts(lines, seed)) RunPart(part.Lines, part.Seed, add, choose);
    }

    private static void RunPart(int lines, int seed, Action<FuzzedStream, Random, ReadOnlySpan<byte>, int> add, Func<Random, Func<IFramer>> choose)
    {
        var random = new Random(seed);
        var generator = new DatagramGenerator(seed);
        var stream = new FuzzedStream(random);
        var pipeline = new TestPipeline(FuzzLines.Options);
        var (first, second) = (new FramedBytes(pipeline), new FramedBytes(null));
        var closed = 0;
        for (var done = 0; done < lines;)
        {
            stream.Clear();
            var count = random.Next(1, LinesPerStreamMax);
            for (var n = 1; n <= count; n++) add(stream, random, stream.OneIn(30) ? generator.Next() : generator.NextLine(), n);
            if (stream.OneIn(4)) stream.Damage();
            done += count;

            var framer = choose(random);
            first.Feed(framer(), stream);
            second.Feed(framer(), stream);
            Assert.Equal(first.Results, second.Results);
            if (first.Closed) closed++;
            FuzzLines.Empty(pipeline.Buffer);
        }

        var counts = pipeline.Counts();
        Assert.Equal(first.Handed, counts.Received);
        HostileInputTests.AssertSum(counts);
        Assert.Equal(0, counts.Of(LineOutcomeKind.Dropped));
        // A generator of which nothing comes through, or everything, tests nothing.
        Assert.InRange(counts.Of(LineOutcome.Event), lines / 100, lines);
        Assert.InRange(closed, 1, lines);
    }

    private static void AddSyslog(FuzzedStream stream, Random random, ReadOnlySpan<byte> line, int number)
    {
        if (stream.Bytes.IsEmpty ? stream.OneIn(2) : char.IsAsciiDigit((char)stream.Bytes[0]))
        {
            var length = stream.OneIn(60) ? random.Next(-1, 200_000) : line.Length;
            stream.Add(stream.OneIn(100) ? $"0{length} " : stream.OneIn(100) ? $"{length}" : stream.OneIn(200) ? $"{long.MaxValue}{length} " : $"{length} ");
            stream.Add(line);
            if (stream.OneIn(20)) stream.Add("\r\n\0\n"[..random.Next(4)]);
            return;
        }
        stream.Add(line);
        stream.Add(stream.OneIn(20) ? "\0" : stream.OneIn(20) ? "\r\n" : stream.OneIn(50) ? "" : "\n");
        if (stream.OneIn(50)) stream.Noise(random.Next(200));
    }

    private static void AddRelp(FuzzedStream stream, Random random, ReadOnlySpan<byte> line, int number)
    {
        string[] commands = ["open", "close", "abort", "rsp", "SYSLOG", "", "syslogsyslogsyslogsyslogsyslogsyslog", "sys log"];
        var command = stream.OneIn(30) ? commands[random.Next(commands.Length)] : "syslog";
        var length = stream.OneIn(60) ? random.Next(-1, 2_000_000) : line.Length;
        stream.Add(stream.OneIn(100) ? $"{long.MaxValue} {command} {length} " : length == 0 && !stream.OneIn(10) ? $"{number} {command} 0" : $"{number} {command} {length} ");
        stream.Add(line);
        stream.Add(stream.OneIn(100) ? "\r\n" : stream.OneIn(100) ? "" : "\n");
    }

    private static void AddProxyHeader(FuzzedStream stream, Random random)
    {
        if (stream.OneIn(2))
        {
            string[] headers = ["PROXY TCP4 203.0.113.5 192.0.2.1 40000 6514\r\n", "PROXY TCP6 2001:db8::5 2001:db8::1 40000 6514\r\n", "PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 ffff::2 1 65535\r\n"];
            stream.Add(headers[random.Next(headers.Length)]);
        }
        else
        {
            var (family, length) = random.Next(4) switch { 0 => (0x11, 12), 1 => (0x21, 36), 2 => (0x00, 0), _ => (random.Next(256), random.Next(4000)) };
            var extension = stream.OneIn(4) ? random.Next(100) : 0;
            stream.Add("\r\n\r\n\0\r\nQUIT\n");
            stream.Add([(byte)(stream.OneIn(10) ? random.Next(256) : stream.OneIn(3) ? 0x20 : 0x21), (byte)family, (byte)((length + extension) >> 8), (byte)(length + extension)]);
            stream.Noise(length + extension);
        }
        stream.Add(TestPipeline.L0);
    }
}
