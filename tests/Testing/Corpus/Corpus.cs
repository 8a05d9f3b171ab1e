namespace WgMonitor.Testing;

/// <summary>The recorded kernel logs of tests/Corpus, or the full ones of the folder in WGMONITOR_CORPUS. tests/Corpus/README.md describes both.</summary>
public static class Corpus
{
    public const string Variable = "WGMONITOR_CORPUS";

    /// <summary>Folder of the packed corpus in the source tree.</summary>
    public static string PackedFolder { get; } = Path.Combine(SourceTree(), "tests", "Corpus");

    /// <summary>Folder the runs are read from.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } full ? full : PackedFolder;

    /// <summary>True when WGMONITOR_CORPUS names a corpus in which nothing is thinned.</summary>
    public static bool IsFull => Folder != PackedFolder;

    /// <summary>All runs, by name.</summary>
    public static IReadOnlyList<CorpusRun> Runs { get; } =
        [.. Directory.GetDirectories(Folder).Where(d => File.Exists(Path.Combine(d, "meta.txt"))).Order(StringComparer.Ordinal).Select(d => new CorpusRun(d))];

    /// <summary>The grammar table: one row a message of the WireGuard module.</summary>
    public static string MessagesFile => Path.Combine(PackedFolder, "messages.tsv");

    /// <summary>One of A, C-part1, D-server, E, F1, F2, G-client.</summary>
    public static CorpusRun Run(string name) =>
        Runs.FirstOrDefault(r => r.Name == name) ?? throw new DirectoryNotFoundException($"There is no run {name} in {Folder}.");

    private static string SourceTree()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WgMonitor.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds WgMonitor.sln.");
    }
}
