using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests;

/// <summary>Images and packages are made under the version of <c>Directory.Build.props</c>; whoever asks for one by name asks for that.</summary>
public sealed partial class VersionTests
{
    private static string Version { get; } = Property().Match(Repository.Read("Directory.Build.props")).Groups[1].Value;

    public static TheoryData<string> Files =>
    [
        "deploy/compose/compose.yaml", "deploy/docker/Dockerfile",
        .. Repository.Files("*.yaml").Where(file => file.StartsWith("deploy/k8s/", StringComparison.Ordinal) && Named().IsMatch(Repository.Read(file))),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Images_are_asked_for_by_the_version_they_are_made_under(string file)
    {
        var named = Named().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, version => Assert.Equal(Version, version));
    }

    [Fact]
    public void Packages_are_installed_under_the_name_they_are_made_under()
    {
        var named = Guides.OfKind("sh debian").SelectMany(block => Package().Matches(block.Text)).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, version => Assert.Equal(Version, version));
    }

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex Property();

    /// <summary>The default of a variable of compose, the argument of the Dockerfile, and an image of ours in Kubernetes with its tag beside or below it.</summary>
    [GeneratedRegex(@"(?:\$\{WGMONITOR_(?:TAG|VERSION):-|^ARG VERSION=|image: wgmonitor/\w+:|name: wgmonitor/\w+\n +newTag: )([0-9][^}\s]*)", RegexOptions.Multiline)]
    private static partial Regex Named();

    [GeneratedRegex(@"wgmonitor_([^_\s]+)_amd64\.deb")]
    private static partial Regex Package();
}
