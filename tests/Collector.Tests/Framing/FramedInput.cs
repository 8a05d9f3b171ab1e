using System.Buffers;
using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Tests.Framing;

/// <summary>A framer in front of a pipeline, fed with chosen pieces as a pipe would do it, without a socket.</summary>
internal sealed class FramedInput
{
    private readonly TestPipeline pipeline;
    private readonly FrameReader reader;
    private readonly List<string> results = [];
    private byte[] left = [];

    public FramedInput(SyslogFramingRules? rules = null, TestPipeline? pipeline = null)
    {
        this.pipeline = pipeline ?? new();
        Framer = new SyslogFramer(rules ?? new());
        reader = new(Framer, Take);
    }

    public SyslogFramer Framer { get; }

    /// <summary>Why the connection had to end; null while it need not.</summary>
    public CloseReason? Closed { get; private set; }

    /// <summary>Bytes kept for later.</summary>
    public int LeftBytes => left.Length;

    public List<string> Events { get; } = [];

    /// <summary>Outcome names in order; a closing as <c>C:reason</c>.</summary>
    public IEnumerable<string> Results => Closed is { } reason ? results.Append($"C:{CloseReasons.Name(reason)}") : results;

    public LineCounts Counts() => pipeline.Counts();

    /// <summary>Bytes arrive; <paramref name="blocks"/> &gt; 0 lays them into blocks of so many bytes, as the memory of a pipe.</summary>
    public void Write(ReadOnlySpan<byte> bytes, bool isFinal = false, int blocks = 0)
    {
        if (Closed is not null) return;
        byte[] all = [.. left, .. bytes];
        var buffer = blocks == 0 ? new ReadOnlySequence<byte>(all) : Sequence(all, blocks);
        if (reader.Drain(ref buffer, isFinal, out var reason) == DrainEnd.Closed) Closed = reason;
        reader.Release();
        left = buffer.ToArray();
    }

    /// <summary>The bytes in blocks of so many.</summary>
    public static ReadOnlySequence<byte> Sequence(byte[] bytes, int size) => Blocks.Of(bytes, size);

    private FrameVerdict Take(in FrameStep step, ReadOnlySpan<byte> message)
    {
        if (step.Kind == FrameStepKind.Refused)
        {
            pipeline.Pipeline.Refuse(step.Refusal, message, TestPipeline.Received, TestPipeline.Source);
            results.Add(step.Refusal.ToString());
            return FrameVerdict.Taken;
        }
        var (outcome, fields) = pipeline.Read(message);
        if (outcome == LineOutcome.Event) Events.Add(string.Join(' ', fields.Values));
        results.Add(pipeline.Accept(message).ToString());
        return FrameVerdict.Taken;
    }

    private sealed class Blocks : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(byte[] bytes, int size)
        {
            if (bytes.Length == 0) return ReadOnlySequence<byte>.Empty;
            Blocks? first = null, last = null;
            for (var at = 0; at < bytes.Length; at += size)
            {
                var next = new Blocks { Memory = bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), RunningIndex = at };
                if (last is not null) last.Next = next;
                first ??= next;
                last = next;
            }
            return new(first!, 0, last!, last!.Memory.Length);
        }
    }
}
