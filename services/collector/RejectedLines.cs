namespace WgMonitor.Collector;

/// <summary>A line that was refused, kept to be looked at.</summary>
/// <param name="Outcome">Why.</param>
/// <param name="Line">Its beginning, escaped, with sender and time.</param>
public readonly record struct RejectedLine(LineOutcome Outcome, LineSample Line);

/// <summary>
/// The last rejected and dropped lines a reason, in memory reserved at the start: a flood of distinct bad lines overwrites samples and grows nothing. Of a line
/// that was dropped unread, only who sent it. Not thread-safe.
/// </summary>
internal sealed class RejectedLines
{
    private readonly SampleRing?[] rings =
    [
        .. Enum.GetValues<LineOutcome>().Select(outcome => LineOutcomes.Kind(outcome) is LineOutcomeKind.Rejected or LineOutcomeKind.Dropped ? new SampleRing() : null),
    ];

    public void Add(LineOutcome outcome, ReadOnlySpan<byte> line, in FrameSource source, long receivedMicroseconds) =>
        rings[(int)outcome]?.Add(IsUnread(outcome) ? default : line, source, receivedMicroseconds);

    private static bool IsUnread(LineOutcome outcome) => outcome is LineOutcome.DroppedSource or LineOutcome.DroppedSourceNotAllowed or LineOutcome.DroppedRateLimited;

    /// <summary>Oldest first within a reason.</summary>
    public IReadOnlyList<RejectedLine> Snapshot() =>
        [.. Enum.GetValues<LineOutcome>().SelectMany(outcome => rings[(int)outcome]?.Snapshot().Select(line => new RejectedLine(outcome, line)) ?? [])];
}
