using Xunit;

namespace WgMonitor.Architecture.Tests.Code;

/// <summary>Files small enough to be read at once, folders that are called after what they hold.</summary>
public sealed class FileTests
{
    /// <summary>Look again at 300; nothing above this.</summary>
    private const int LinesMax = 400;

    private static readonly string[] EmptyWords = ["common", "shared", "utils", "helpers", "core", "managers", "services", "interfaces", "models"];

    [Fact]
    public void No_source_file_is_too_long()
    {
        var tooLong = Repository.Files("*.cs").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(path => (path, Lines: Repository.Read(path).Count(character => character == '\n'))).Where(file => file.Lines > LinesMax);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_folder_has_a_name_that_says_nothing()
    {
        var folders = Repository.Files("*.cs").SelectMany(path => path.Split('/')[..^1].Select((name, depth) => (Path: path, Name: name, Depth: depth)));

        // The four services lie in the folder `services` at the root, and nowhere else.
        Assert.DoesNotContain(folders, folder => EmptyWords.Contains(folder.Name.ToLowerInvariant()) && !(folder is { Name: "services", Depth: 0 }));
    }
}
