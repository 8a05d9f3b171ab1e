using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary>The part of a document between two marks, which the code determines.</summary>
internal static class GeneratedTable
{
    /// <summary>Set to write instead of to compare.</summary>
    private const string WriteVariable = "WGMONITOR_WRITE_DOCS";

    private const string Begin = "<!-- generated: make docs -->\n";
    private const string End = "<!-- end of generated part -->\n";

    public static void Check(string document, IEnumerable<string> lines)
    {
        var text = Repository.Read(document);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{document} has no generated part.");
        var expected = string.Join('\n', lines) + "\n";

        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(WriteVariable)))
            File.WriteAllText(Path.Combine(Repository.Root, document), text[..begin] + expected + text[end..]);
        else
            Assert.Equal(expected, text[begin..end]);
    }
}
