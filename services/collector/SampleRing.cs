using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>A line that was kept to be looked at.</summary>
/// <param name="Source">Who sent it, as the transport saw it.</param>
/// <param name="ReceivedMicroseconds">Unix microseconds.</param>
/// <param name="Text">The beginning of the line, escaped.</param>
public readonly record struct LineSample(string Source, long ReceivedMicroseconds, string Text);

/// <summary>The last few lines of a kind, in memory reserved at the start. Not thread-safe.</summary>
internal sealed class SampleRing
{
    /// <summary>Lines kept.</summary>
    public const int SamplesMax = 16;

    /// <summary>Bytes kept of each.</summary>
    public const int BytesMax = 256;

    private readonly byte[] bytes = new byte[SamplesMax * BytesMax];
    private readonly (int Length, FrameSource Source, long Received)[] samples = new (int, FrameSource, long)[SamplesMax];
    private long count;

    public void Add(ReadOnlySpan<byte> line, in FrameSource source, long receivedMicroseconds)
    {
        var slot = (int)(count++ % SamplesMax);
        if (line.Length > BytesMax) line = line[..BytesMax];
        line.CopyTo(bytes.AsSpan(slot * BytesMax));
        samples[slot] = (line.Length, source, receivedMicroseconds);
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<LineSample> Snapshot()
    {
        var kept = new List<LineSample>();
        for (var n = Math.Max(0, count - SamplesMax); n < count; n++)
        {
            var slot = (int)(n % SamplesMax);
            var (length, source, received) = samples[slot];
            kept.Add(new(source.ToString(), received, Escape(bytes.AsSpan(slot * BytesMax, length))));
        }
        return kept;
    }

    /// <summary>A line as it may be logged or shown.</summary>
    public static string Escape(ReadOnlySpan<byte> line)
    {
        if (line.Length > BytesMax) line = line[..BytesMax];
        Span<byte> escaped = stackalloc byte[BytesMax * EscapedText.GrowthMax];
        return Encoding.ASCII.GetString(escaped[..EscapedText.Escape(line, escaped)]);
    }
}
