using System.IO.Enumeration;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>A fenced block of a guide.</summary>
/// <param name="Guide">Path of the file, relative to the repository.</param>
/// <param name="Line">Of the opening fence, from 1.</param>
/// <param name="Kind">What stands behind the fence, as in <c>sh compose</c>; empty where nothing does.</param>
/// <param name="Text">What is between the fences, with its last line end.</param>
public sealed record GuideBlock(string Guide, int Line, string Kind, string Text)
{
    /// <summary>The commands of a shell block: lines with a backslash at their end are joined, comments and empty lines left out.</summary>
    public IEnumerable<string> Commands =>
        Text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#');

    public override string ToString() => $"{Guide}:{Line}";
}

/// <summary>
/// The Markdown files of this repository and their fenced blocks. The words behind a fence say who executes it: CONTRIBUTING.md lists them, and a test of tests/Architecture.Tests
/// lets none through that nobody executes.
/// </summary>
public static class Guides
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "data", "node_modules"];

    /// <summary>Folder of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Corpus.PackedFolder, "../.."));

    /// <summary>Paths relative to the root, in their order.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Documents().Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    /// <summary>All blocks, in the order of files and lines.</summary>
    public static IReadOnlyList<GuideBlock> Blocks { get; } = [.. Files.SelectMany(BlocksOf)];

    /// <summary>Blocks of a kind, of which there must be some: a test that finds none executes nothing.</summary>
    public static IReadOnlyList<GuideBlock> OfKind(string kind) =>
        Blocks.Where(block => block.Kind == kind).ToArray() is { Length: > 0 } found ? found : throw new InvalidOperationException($"No guide has a block of kind \"{kind}\".");

    /// <summary>What stands outside the blocks of a file.</summary>
    public static string Prose(string guide)
    {
        var (prose, within) = (new StringBuilder(), false);
        foreach (var line in File.ReadLines(Path.Combine(Root, guide)))
        {
            var fence = line.StartsWith("```", StringComparison.Ordinal);
            within ^= fence;
            if (!fence && !within) prose.Append(line).Append('\n');
        }
        return prose.ToString();
    }

    /// <summary>What is built is not entered: there is much of it, and it changes.</summary>
    private static FileSystemEnumerable<string> Documents() =>
        new(Root, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName.EndsWith(".md", StringComparison.Ordinal),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !NotOurs.Contains(entry.FileName.ToString()),
        };

    private static IEnumerable<GuideBlock> BlocksOf(string guide)
    {
        var lines = File.ReadAllLines(Path.Combine(Root, guide));
        for (var begin = 0; begin < lines.Length; begin++)
        {
            if (!lines[begin].StartsWith("```", StringComparison.Ordinal)) continue;
            var end = Array.FindIndex(lines, begin + 1, line => line == "```");
            if (end < 0) throw new InvalidDataException($"{guide}:{begin + 1}: the block has no end.");
            yield return new(guide, begin + 1, lines[begin][3..], string.Concat(lines[(begin + 1)..end].Select(line => line + "\n")));
            begin = end;
        }
    }
}
