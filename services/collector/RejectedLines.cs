using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>A line that was refused, kept to be looked at.</summary>
/// <param name="Outcome">Why.</param>
/// <param name="Source">Who sent it, as the transport saw it.</param>
/// <param name="ReceivedMicroseconds">Unix microseconds.</param>
/// <param name="Sample">The beginning of the line, escaped.</param>
public sealed record RejectedLine(LineOutcome Outcome, string Source, long ReceivedMicroseconds, string Sample);

/// <summary>
/// The last rejected lines a reason, in memory reserved at the start: a flood of distinct bad lines overwrites samples and grows nothing.
/// Not thread-safe.
/// </summary>
internal sealed class RejectedLines
{
    /// <summary>Samples kept a reason.</summary>
    public const int SamplesMax = 16;

    /// <summary>Bytes kept a sample.</summary>
    public const int SampleBytesMax = 256;

    private readonly Ring?[] rings =
    [
        .. Enum.GetValues<LineOutcome>().Select(outcome => LineOutcomes.Kind(outcome) == LineOutcomeKind.Rejected ? new Ring() : null),
    ];

    public void Add(LineOutcome outcome, ReadOnlySpan<byte> line, in FrameSource source, long receivedMicroseconds) =>
        rings[(int)outcome]?.Add(line, source, receivedMicroseconds);

    /// <summary>Oldest first within a reason.</summary>
    public IReadOnlyList<RejectedLine> Snapshot() =>
        [.. Enum.GetValues<LineOutcome>().SelectMany(outcome => rings[(int)outcome]?.Snapshot(outcome) ?? [])];

    /// <summary>A sample as it may be logged or shown.</summary>
    public static string Escape(ReadOnlySpan<byte> line)
    {
        if (line.Length > SampleBytesMax) line = line[..SampleBytesMax];
        Span<byte> escaped = stackalloc byte[SampleBytesMax * EscapedText.GrowthMax];
        return Encoding.ASCII.GetString(escaped[..EscapedText.Escape(line, escaped)]);
    }

    private sealed class Ring
    {
        private readonly byte[] bytes = new byte[SamplesMax * SampleBytesMax];
        private readonly (int Length, FrameSource Source, long Received)[] samples = new (int, FrameSource, long)[SamplesMax];
        private long count;

        public void Add(ReadOnlySpan<byte> line, in FrameSource source, long receivedMicroseconds)
        {
            var slot = (int)(count++ % SamplesMax);
            if (line.Length > SampleBytesMax) line = line[..SampleBytesMax];
            line.CopyTo(bytes.AsSpan(slot * SampleBytesMax));
            samples[slot] = (line.Length, source, receivedMicroseconds);
        }

        public IEnumerable<RejectedLine> Snapshot(LineOutcome outcome)
        {
            for (var n = Math.Max(0, count - SamplesMax); n < count; n++)
            {
                var slot = (int)(n % SamplesMax);
                var (length, source, received) = samples[slot];
                yield return new(outcome, source.ToString(), received, Escape(bytes.AsSpan(slot * SampleBytesMax, length)));
            }
        }
    }
}
