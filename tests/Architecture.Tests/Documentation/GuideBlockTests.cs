using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary>Whatever a guide tells to type is typed by a test: a block that nobody executes cannot be added.</summary>
public sealed partial class GuideBlockTests
{
    /// <summary>By kind: the file that reads the blocks of this kind from the guides and executes them.</summary>
    private static readonly Dictionary<string, string> Executors = new()
    {
        ["sh"] = "tests/guide.sh",
        ["sh debian"] = "tests/Packages/DocumentedCommandsTests.cs",
        ["sh compose"] = "tests/Compose/DocumentedCommandsTests.cs",
        ["sh cluster"] = "tests/Deployment.Tests/Kubernetes/DocumentedCommandsTests.cs",
        ["yaml"] = "tests/Deployment.Tests/Kubernetes/DocumentedCommandsTests.cs",
        ["sh make"] = "tests/Architecture.Tests/Documentation/GuideBlockTests.cs",
        ["sh kernel"] = "tests/Architecture.Tests/Documentation/GuideBlockTests.cs",
        ["sql"] = "tests/Archive.Tests/DocumentedQueryTests.cs",
        ["toml"] = "tests/EndToEnd.Tests/Documentation/DocumentedFilesTests.cs",
        ["ini"] = "tests/EndToEnd.Tests/Documentation/DocumentedFilesTests.cs",
        ["rsyslog"] = "tests/EndToEnd.Tests/Documentation/DocumentedFilesTests.cs",
        ["redis"] = "tests/EndToEnd.Tests/Documentation/DocumentedFilesTests.cs",
        ["json"] = "tests/EndToEnd.Tests/Documentation/DocumentedFilesTests.cs",
    };

    /// <summary>Nothing to execute.</summary>
    private static readonly string[] Shown = ["text", "mermaid"];

    /// <summary>All that no test executes, and why.</summary>
    private static readonly Dictionary<string, string> NotExecuted = new()
    {
        ["echo 'module wireguard +p' > /sys/kernel/debug/dynamic_debug/control"] = "would change this machine's kernel, which has to have the module",
        ["sysctl -w net.core.message_cost=0"] = "would change this machine's kernel; no namespace has one of its own",
        ["git clone … && cd …"] = "make readme-test clones the working tree",
        ["make run"] = "make readme-test",
        ["make deb PLATFORMS=linux-x64"] = "make deb-test",
        ["make build"] = ".ci/run",
        ["make test"] = ".ci/run, which runs this",
        ["make lint"] = ".ci/run",
    };

    [Fact]
    public void Every_block_says_who_executes_it() =>
        Assert.All(Guides.Blocks, block => Assert.True(
            Executors.ContainsKey(block.Kind) || Shown.Contains(block.Kind), $"{block}: a block \"{block.Kind}\" is executed by nobody; CONTRIBUTING.md lists the kinds."));

    [Fact]
    public void Every_executor_reads_its_blocks() =>
        Assert.All(Executors, pair => Assert.Contains(pair.Key == "sh" ? "'```sh')" : $"Guides.OfKind(\"{pair.Key}\")", Repository.Read(pair.Value)));

    [Fact]
    public void Every_kind_is_listed_for_who_writes_a_guide() =>
        Assert.Equal(Executors.Keys.Concat(Shown).Order(StringComparer.Ordinal), Kind().Matches(FirstColumns(Repository.Read("CONTRIBUTING.md"))).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_only_shown_is_no_command() =>
        Assert.All(Guides.Blocks.Where(block => block.Kind is "text" or "json"), block => Assert.DoesNotMatch(Command(), block.Text));

    [Fact]
    public void No_block_is_made_by_indentation() =>
        Assert.All(Guides.Files, guide => Assert.DoesNotContain("\n\n    ", Guides.Prose(guide)));

    [Fact]
    public void What_no_test_executes_is_listed_with_its_reason() =>
        Assert.Equal(
            NotExecuted.Keys.Order(StringComparer.Ordinal),
            Guides.OfKind("sh kernel").Concat(Guides.OfKind("sh make")).SelectMany(block => block.Commands).Select(command => command.Split("  ")[0]).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task Make_knows_what_it_is_told_to_make()
    {
        foreach (var command in Guides.OfKind("sh make").SelectMany(block => block.Commands).Where(command => command.StartsWith("make ", StringComparison.Ordinal)))
        {
            await using var make = ChildProcess.Start(Executable.Find("make", "make"), ["--dry-run", "--directory", Repository.Root, .. command.Split("  ")[0].Split(' ')[1..]]);
            Assert.True(await make.ExitAsync() == 0, $"{command}: {make.Output}");
        }
    }

    /// <summary>Of the rows of tables.</summary>
    private static string FirstColumns(string document) =>
        string.Join('\n', document.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1]));

    [GeneratedRegex("`([a-z ]+)`")]
    private static partial Regex Kind();

    [GeneratedRegex(@"^(?:sudo |\$ )?(?:wgmonitor|make|curl|docker|docker-compose|kubectl|systemctl|apt|apt-get|redis-cli|journalctl|artifacts/\S+|deploy/\S+) ", RegexOptions.Multiline)]
    private static partial Regex Command();
}
