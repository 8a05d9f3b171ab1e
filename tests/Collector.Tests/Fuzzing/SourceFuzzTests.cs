using System.Buffers.Binary;
using WgMonitor.Collector.Sources;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>Mutated lines as journal entries and in files, damaged and cut at random places: nothing throws or stands still, and what comes out does not depend on the cuts.</summary>
public class SourceFuzzTests
{
    private const int RecordsPerFileMax = 20;

    private readonly List<(RecordStepKind Kind, LineOutcome Refusal, int Hash)> first = [];
    private readonly List<(RecordStepKind Kind, LineOutcome Refusal, int Hash)> second = [];

    [Fact]
    public void Journal_exports_give_the_same_records_however_they_are_cut() => Run(FuzzLines.JournalEntries, Seed.Print(), RecordFormat.Journald, AddEntry);

    [Fact]
    public void Recorded_lines_give_the_same_records_however_they_are_cut()
    {
        Run(FuzzLines.RecordedLines / 2, Seed.Print(), RecordFormat.Syslog, (stream, random, line) =>
        {
            stream.Add(line);
            stream.Add(stream.OneIn(20) ? "\r\n" : "\n");
        });
        Run(FuzzLines.RecordedLines / 2, Seed.Print(), RecordFormat.Dmesg, (stream, random, line) =>
        {
            stream.Add(random.Next(4) switch { 0 => "[   90.246220] ", 1 => "<7>[   90.246220] ", 2 => "7,1432,90246220,-;", _ => "" });
            stream.Add(TextOf(line));
            stream.Add(stream.OneIn(20) ? "\n SUBSYSTEM=net\n" : "\n");
        });
    }

    private void Run(int lines, int seed, RecordFormat format, Action<FuzzedStream, Random, ReadOnlySpan<byte>> add)
    {
        foreach (var part in FuzzLines.Parts(lines, seed)) RunPart(part.Lines, part.Seed, format, add);
    }

    private void RunPart(int lines, int seed, RecordFormat format, Action<FuzzedStream, Random, ReadOnlySpan<byte>> add)
    {
        var random = new Random(seed);
        var generator = new DatagramGenerator(seed);
        var stream = new FuzzedStream(random);
        var pipeline = new TestPipeline(FuzzLines.Options);
        var handed = 0L;
        for (var done = 0; done < lines;)
        {
            stream.Clear();
            var count = random.Next(1, RecordsPerFileMax);
            for (var n = 0; n < count; n++) add(stream, random, stream.OneIn(30) ? generator.Next() : generator.NextLine());
            if (stream.OneIn(4)) stream.Damage();
            done += count;

            var bytesMax = stream.OneIn(2) ? 480 : 8192;
            Feed(RecordFormats.Reader(format, bytesMax), stream, first, pipeline);
            Feed(RecordFormats.Reader(format, bytesMax), stream, second, null);
            Assert.Equal(first, second);
            RecordFormats.Detect(stream.Bytes);
            handed += first.Count;
            FuzzLines.Empty(pipeline.Buffer);
        }

        var counts = pipeline.Counts();
        Assert.Equal(handed, counts.Received);
        HostileInputTests.AssertSum(counts);
        Assert.Equal(0, counts.Of(LineOutcomeKind.Dropped));
        Assert.InRange(counts.Of(LineOutcome.Event), lines / 20, lines);
        Assert.InRange(counts.Of(LineOutcomeKind.Rejected), lines / 100, lines);
    }

    private static void Feed(IRecordReader reader, FuzzedStream stream, List<(RecordStepKind Kind, LineOutcome Refusal, int Hash)> results, TestPipeline? pipeline)
    {
        results.Clear();
        var bytes = stream.Bytes;
        // At most one step a byte and piece: more would be standing still.
        var stepsLeft = 3 * bytes.Length + 10;
        for (var at = 0; ;)
        {
            var read = at == bytes.Length ? 0 : stream.ReadLength(bytes.Length - at);
            var piece = bytes.Slice(at, read);
            at += read;
            RecordStep step;
            do
            {
                Assert.True(--stepsLeft > 0, "the reader stands still");
                step = reader.Next(piece, read == 0, out var consumed);
                piece = piece[consumed..];
                if (step.Kind == RecordStepKind.More) continue;
                var hash = new HashCode();
                if (step.Kind == RecordStepKind.Frame) hash.AddBytes(reader.Frame);
                results.Add((step.Kind, step.Refusal, hash.ToHashCode()));
                if (step.Kind == RecordStepKind.Frame) pipeline?.Accept(reader.Frame);
                else pipeline?.Pipeline.Refuse(step.Refusal, reader.Frame, TestPipeline.Received, TestPipeline.Source);
            }
            while (step.Kind != RecordStepKind.More);
            Assert.True(piece.IsEmpty);
            if (read == 0) return;
        }
    }

    private static void AddEntry(FuzzedStream stream, Random random, ReadOnlySpan<byte> line)
    {
        stream.Add("__CURSOR=s=6b7e\n__REALTIME_TIMESTAMP=1795348805000000\n");
        if (!stream.OneIn(10)) stream.Add(stream.OneIn(20) ? "_TRANSPORT=syslog\n" : "_TRANSPORT=kernel\n");
        if (stream.OneIn(2)) stream.Add("SYSLOG_IDENTIFIER=kernel\nSYSLOG_FACILITY=0\nPRIORITY=7\n");
        if (stream.OneIn(2)) AddField(stream, "_HOSTNAME", stream.OneIn(20) ? line : "vpn-01"u8);
        if (!stream.OneIn(10)) stream.Add("_SOURCE_MONOTONIC_TIMESTAMP=90246220\n");
        if (stream.OneIn(10)) AddField(stream, "COREDUMP", line);
        AddField(stream, "MESSAGE", TextOf(line));
        if (!stream.OneIn(40)) stream.Add("\n");
    }

    private static void AddField(FuzzedStream stream, string name, ReadOnlySpan<byte> value)
    {
        stream.Add(name);
        if (value.Contains((byte)'\n') || stream.OneIn(10))
        {
            stream.Add("\n");
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, stream.OneIn(100) ? ulong.MaxValue : (ulong)value.Length);
            stream.Add(length);
        }
        else
        {
            stream.Add("=");
        }
        stream.Add(value);
        stream.Add("\n");
    }

    /// <summary>What the kernel said, behind header and stamp.</summary>
    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOf("wireguard: "u8);
        return at < 0 ? line : line[at..];
    }
}
