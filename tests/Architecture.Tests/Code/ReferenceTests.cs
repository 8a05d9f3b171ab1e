using System.Xml.Linq;
using Xunit;

namespace WgMonitor.Architecture.Tests.Code;

/// <summary>Who may reference whom. A library is a contract or a mechanism; services meet in the event log only.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> LibraryReferences = new()
    {
        ["Events"] = [],
        ["Streams"] = ["Events"],
        ["Peers"] = ["Events"],
        ["ReadModel"] = ["Events", "Peers", "Streams"],
        ["Archive"] = ["Events", "Streams"],
        ["Hosting"] = [],
    };

    public static TheoryData<string> Projects => [.. Repository.Files("*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_place_allows(string project)
    {
        var references = References(project, "ProjectReference").Select(reference => Normalize(project, reference)).ToArray();

        Assert.All(references, reference => Assert.True(IsAllowed(project, reference), $"{project} must not reference {reference}."));
    }

    [Fact]
    public void The_contract_of_the_log_needs_no_package() => Assert.Empty(References("libs/Events/Events.csproj", "PackageReference"));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("WgMonitor.sln").Replace('\\', '/');

        Assert.All(Repository.Files("*.csproj"), project => Assert.Contains($"\"{project}\"", solution));
    }

    private static bool IsAllowed(string project, string reference)
    {
        // Benchmarks drive real servers as tests do.
        if (project.StartsWith("tests/", StringComparison.Ordinal) || project.StartsWith("bench/", StringComparison.Ordinal)) return true;
        if (reference.StartsWith("tests/", StringComparison.Ordinal)) return false;
        return project.Split('/') switch
        {
            ["libs", var library, _] => LibraryReferences[library].Contains(Path.GetFileNameWithoutExtension(reference)),
            ["services", ..] => reference.StartsWith("libs/", StringComparison.Ordinal),
            _ => true,
        };
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Parse(Repository.Read(project)).Descendants(kind).Select(reference => (string)reference.Attribute("Include")!);

    private static string Normalize(string project, string reference)
    {
        var full = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, reference.Replace('\\', '/')));
        return Path.GetRelativePath(Repository.Root, full);
    }
}
