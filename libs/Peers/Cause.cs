namespace WgMonitor.Peers;

/// <summary>Which entry of the event log a conclusion rests on: the two halves of a stream id. The fold keeps it and never looks into it.</summary>
/// <param name="Milliseconds">First half of the id.</param>
/// <param name="Sequence">Second half, counting entries of one millisecond.</param>
public readonly record struct Cause(long Milliseconds, long Sequence)
{
    public override string ToString() => $"{Milliseconds}-{Sequence}";
}
