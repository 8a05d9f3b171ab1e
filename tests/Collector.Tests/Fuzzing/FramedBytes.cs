using System.Buffers;
using WgMonitor.Collector.Framing;
using Xunit;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>A framer fed with a stream in random pieces, as a pipe would do it; what came out, as one number a step. Little is allocated, for it runs millions of times.</summary>
internal sealed class FramedBytes(TestPipeline? pipeline)
{
    private readonly List<(FrameStepKind Kind, int Outcome, int Hash)> results = [];
    private byte[] held = new byte[64 << 10];

    /// <summary>Frames and refusals of the last stream, and why it was closed.</summary>
    public IReadOnlyList<(FrameStepKind Kind, int Outcome, int Hash)> Results => results;

    public bool Closed { get; private set; }

    /// <summary>Handed to the pipeline, of all streams.</summary>
    public long Handed { get; private set; }

    public void Feed(IFramer framer, FuzzedStream stream)
    {
        results.Clear();
        Closed = false;
        var reader = new FrameReader(framer, Take);
        var (length, at) = (0, 0);
        var bytes = stream.Bytes;
        while (!Closed)
        {
            var read = at == bytes.Length ? 0 : stream.ReadLength(bytes.Length - at);
            if (length + read > held.Length) Array.Resize(ref held, 2 * (length + read));
            bytes.Slice(at, read).CopyTo(held.AsSpan(length));
            (length, at) = (length + read, at + read);
            var isFinal = read == 0;
            var buffer = new ReadOnlySequence<byte>(held, 0, length);
            var end = reader.Drain(ref buffer, isFinal, out var reason);
            reader.Release();
            Closed = end == DrainEnd.Closed;
            if (Closed) results.Add((FrameStepKind.Close, (int)reason, 0));
            var left = (int)buffer.Length;
            buffer.CopyTo(held);
            // What is kept is bounded, and at the end nothing is.
            Assert.True(Closed || left < (isFinal ? 1 : framer.LookMax), $"{left} bytes are left");
            length = left;
            if (isFinal) return;
        }
    }

    private FrameVerdict Take(in FrameStep step, ReadOnlySpan<byte> message)
    {
        Handed++;
        var hash = new HashCode();
        if (step.Kind == FrameStepKind.Frame) hash.AddBytes(message);
        // How much of a refused one is at hand for a sample depends on the cuts.
        results.Add((step.Kind, (int)step.Refusal, step.Kind == FrameStepKind.Frame ? hash.ToHashCode() : 0));
        if (step.Kind == FrameStepKind.Frame) pipeline?.Accept(message);
        else pipeline?.Pipeline.Refuse(step.Refusal, message, TestPipeline.Received, TestPipeline.Source);
        return FrameVerdict.Taken;
    }
}
