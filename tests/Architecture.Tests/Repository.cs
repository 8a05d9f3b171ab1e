namespace WgMonitor.Architecture.Tests;

/// <summary>The files of this repository.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "data", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with slashes; build output is left out.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories).Select(Relative).Where(path => !path.Split('/').Any(NotOurs.Contains)).Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "WgMonitor.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"No WgMonitor.sln above {AppContext.BaseDirectory}.");
    }
}
