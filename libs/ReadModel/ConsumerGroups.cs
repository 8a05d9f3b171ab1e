namespace WgMonitor.ReadModel;

/// <summary>The consumer groups of the log: names in keys, metrics and the API.</summary>
public static class ConsumerGroups
{
    /// <summary>Folds the log into the state people read.</summary>
    public const string Projector = "projector";

    /// <summary>Folds the log into alerts.</summary>
    public const string Notifier = "notifier";

    /// <summary>All that read the log as it comes.</summary>
    public static IReadOnlyList<string> All { get; } = [Projector, Notifier];

    /// <summary>No reader of its own: the checkpoint of the base snapshot, into which old entries are folded before they are trimmed.</summary>
    public const string Base = "base";

    /// <summary>No reader of its own: the checkpoint of the archive, into which entries are written before they are trimmed.</summary>
    public const string Archive = "archive";

    /// <summary>No reader of its own: the checkpoint of a generation that is being rebuilt from the archive.</summary>
    public static string RebuildFromArchive(int generation) => $"rebuild-{generation}-archive";

    /// <summary>No reader of its own: the checkpoint of the history points.</summary>
    public const string History = "history";

    /// <summary>No reader of its own: who tells hosts what was lost of the log.</summary>
    public const string Losses = "losses";

    /// <summary>No reader of its own: the checkpoint of a generation that is being rebuilt, which goes with the switch.</summary>
    public static string Rebuild(int generation) => $"rebuild-{generation}";
}
