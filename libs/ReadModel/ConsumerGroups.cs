namespace WgMonitor.ReadModel;

/// <summary>The consumer groups of the log: names in keys, metrics and the API.</summary>
public static class ConsumerGroups
{
    /// <summary>Folds the log into the state people read.</summary>
    public const string Projector = "projector";

    /// <summary>Folds the log into alerts.</summary>
    public const string Notifier = "notifier";

    /// <summary>All; the log is never trimmed past what one of them has not applied.</summary>
    public static IReadOnlyList<string> All { get; } = [Projector, Notifier];
}
