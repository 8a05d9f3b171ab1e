namespace WgMonitor.ReadModel;

/// <summary>Why an entry is parked: words of a closed set, in the park, its metric and the API.</summary>
public static class ParkReason
{
    /// <summary>The fold, or what follows it, threw.</summary>
    public const string Failed = "failed";

    private const string UnknownEvent = "unknown-event";
    private const string Malformed = "malformed";

    /// <summary>The set.</summary>
    public static IReadOnlyList<string> All { get; } = [Failed, UnknownEvent, Malformed];

    /// <summary>Of an entry that could not be folded without anything being thrown.</summary>
    public static string Of(FoldOutcome outcome) => outcome switch
    {
        FoldOutcome.UnknownEvent => UnknownEvent,
        FoldOutcome.Malformed => Malformed,
        _ => Failed,
    };
}
