namespace WgMonitor.Api.History;

/// <summary>How far an answer about the past can be relied on.</summary>
/// <param name="At">The moment it stands for: entries of the log with a later time in their ID did not count.</param>
/// <param name="Complete">Everything the log ever held up to then, or between the asked times, went into it.</param>
/// <param name="KnownSince">The earliest moment that can be asked for; what was before is not kept. Null: from the beginning where complete, else nothing is kept.</param>
public sealed record PastResponse(DateTimeOffset At, bool Complete, DateTimeOffset? KnownSince)
{
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="complete">See <see cref="Complete"/>.</param>
    /// <param name="knownSince">Unix milliseconds: 0 for always, null for nothing.</param>
    public static PastResponse Of(long at, bool complete, long? knownSince) => new(TimeParameter.Of(at), complete, knownSince is null or 0 ? null : TimeParameter.Of(knownSince.Value));
}
