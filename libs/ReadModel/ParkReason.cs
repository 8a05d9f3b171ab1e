namespace WgMonitor.ReadModel;

/// <summary>Why an entry is parked: words of a closed set, in the park, its metric and the API.</summary>
public static class ParkReason
{
    /// <summary>The fold, or what follows it, threw.</summary>
    public const string Failed = "failed";

    /// <summary>Of an entry that could not be folded without anything being thrown.</summary>
    public static string Of(FoldOutcome outcome) => outcome switch
    {
        FoldOutcome.UnknownEvent => "unknown-event",
        FoldOutcome.Malformed => "malformed",
        _ => Failed,
    };
}
