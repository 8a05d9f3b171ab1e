using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary>A document that names a file that has moved sends its reader astray.</summary>
public sealed partial class PathTests
{
    public static TheoryData<string> Documents => [.. Repository.Files("*.md").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Files_and_folders_named_in_a_document_exist(string document)
    {
        var text = Repository.Read(document);
        var folder = Path.GetDirectoryName(document)!;
        var named = Named().Matches(text).Select(match => match.Groups[1].Value)
            .Concat(Linked().Matches(text).Select(match => Path.Combine(folder, match.Groups[1].Value)));

        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{document} names {path}, which does not exist."));
    }

    [GeneratedRegex(@"`((?:libs|services|cli|tests|docs|bench|deploy)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)[^)]*\)")]
    private static partial Regex Linked();
}
