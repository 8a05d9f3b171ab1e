using System.Text.RegularExpressions;
using System.Xml.Linq;
using WgMonitor.Architecture.Tests;
using WgMonitor.Hosting;
using Xunit;

namespace WgMonitor.Deployment.Tests.Images;

/// <summary>What can be said of the images without building them; <c>make compose-test</c> builds and runs them.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Programs = ["collector", "projector", "notifier", "api", "wgmonitor"];

    private static readonly string Dockerfile = Repository.Read("deploy/docker/Dockerfile");

    public static TheoryData<string> Targets => [.. Programs];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_program_is_a_target_with_a_health_check_by_itself(string target)
    {
        var stage = Stage(target);
        var program = target == "wgmonitor" ? target : $"wgmonitor-{target}";

        Assert.Contains($"ENTRYPOINT [\"/app/{program}\"]", stage);
        Assert.Contains($"CMD [\"/app/{program}\", \"health\", \"--live\"]", stage);
        Assert.DoesNotContain("USER", stage);
    }

    [Fact]
    public void Everything_runs_as_a_numbered_user_that_is_not_root()
    {
        Assert.Contains("\nUSER 1654:1654\n", Stage("runtime"));
        Assert.DoesNotContain("USER 0", Dockerfile);
    }

    [Fact]
    public void Packages_come_from_the_lock_files() => Assert.Contains("dotnet restore cli/cli.csproj --locked-mode", Stage("build"));

    [Fact]
    public void The_packages_layer_has_every_project_that_the_programs_consist_of()
    {
        var stage = Stage("build");

        Assert.All(WithReferences("cli/cli.csproj"), project =>
        {
            var folder = Path.GetDirectoryName(project)!;
            Assert.Contains($"COPY {project} {folder}/packages.lock.json {folder}/\n", stage);
        });
    }

    [Fact]
    public void What_projects_embed_from_other_folders_is_in_the_build_context()
    {
        var context = Repository.Read(".dockerignore").Split('\n');
        var embedded = WithReferences("cli/cli.csproj")
            .SelectMany(project => XDocument.Parse(Repository.Read(project)).Descendants("EmbeddedResource").Select(resource => (Folder: Path.GetDirectoryName(project)!, File: (string)resource.Attribute("Include")!)))
            .Select(each => Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, each.Folder, each.File))))
            .ToList();

        Assert.Contains("deploy/host/*", embedded);
        Assert.All(embedded, file => Assert.Contains(context, kept => kept.StartsWith('!') && file.StartsWith(kept[1..] + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Base_images_are_arguments_with_a_version_as_default() =>
        Assert.Equal(
            [("SDK_IMAGE", "mcr.microsoft.com/dotnet/sdk:10.0"), ("RUNTIME_IMAGE", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled")],
            BaseArgument().Matches(Dockerfile).Select(match => (match.Groups[1].Value, match.Groups[2].Value)));

    [Theory]
    [InlineData("title")]
    [InlineData("description")]
    [InlineData("licenses")]
    [InlineData("source")]
    [InlineData("version")]
    [InlineData("revision")]
    [InlineData("created")]
    public void Images_are_labelled(string label) => Assert.Contains($"org.opencontainers.image.{label}=", Stage("runtime"));

    [Fact]
    public void The_configuration_in_the_images_is_sound()
    {
        var result = CheckConfig.Run(Path.Combine(Repository.Root, "deploy/docker/config.toml"), new Dictionary<string, string>(), ServiceSections.All);

        Assert.True(result.ExitCode == 0, string.Join('\n', result.Lines));
    }

    private static string Stage(string name)
    {
        var start = StageName().Matches(Dockerfile).Single(match => match.Groups[1].Value == name);
        var end = Dockerfile.IndexOf("\nFROM ", start.Index + 1, StringComparison.Ordinal);
        return end < 0 ? Dockerfile[start.Index..] : Dockerfile[start.Index..end];
    }

    private static HashSet<string> WithReferences(string project)
    {
        var all = new HashSet<string>();
        var open = new Queue<string>([project]);
        while (open.TryDequeue(out var next))
        {
            if (!all.Add(next)) continue;
            var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, next))!;
            foreach (var reference in XDocument.Parse(Repository.Read(next)).Descendants("ProjectReference"))
                open.Enqueue(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, (string)reference.Attribute("Include")!))));
        }
        return all;
    }

    [GeneratedRegex(@"^ARG (\w+_IMAGE)=(\S+)$", RegexOptions.Multiline)]
    private static partial Regex BaseArgument();

    [GeneratedRegex(@"^FROM \S+ AS (\w+)$", RegexOptions.Multiline)]
    private static partial Regex StageName();
}
