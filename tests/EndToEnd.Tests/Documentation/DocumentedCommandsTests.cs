using System.Text.RegularExpressions;
using WgMonitor.Cli;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Documentation;

/// <summary>The commands that guides tell to type, typed by <c>tests/guide.sh</c> against the built program.</summary>
public sealed partial class DocumentedCommandsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>By guide: what its reader sees, beside commands that end with 0.</summary>
    private static readonly Dictionary<string, string[]> Said = new()
    {
        ["docs/getting-started.md"] = ["config.toml: OK.", " is up.", "\"ip\":\"203.0.113.5\"", "peer-created.v1"],
        ["docs/archive.md"] = [".parquet: OK", "partition 3: equal, switched to generation 2"],
        ["docs/history.md"] = ["\"complete\":true", ": the event log of WgMonitor"],
        ["docs/migration.md"] = ["1 peers of vpn-01 (wg-server): 1 imported, 0 imported before."],
    };

    public static TheoryData<string> TypedGuides => [.. Guides.OfKind("sh").Select(block => block.Guide).Distinct()];

    [Theory]
    [MemberData(nameof(TypedGuides))]
    public async Task Every_command_of_a_guide_works_in_order(string guide)
    {
        var output = await TypeAsync(guide);

        Assert.EndsWith($" commands of {guide} work.\n", output);
        Assert.All(Said.GetValueOrDefault(guide, []), text => Assert.Contains(text, output));
    }

    [Fact]
    public void Every_command_line_that_a_text_mentions_is_one()
    {
        var mentioned = Guides.Files.SelectMany(guide => Mention().Matches(Guides.Prose(guide)).Select(match => (Guide: guide, Text: match.Groups[1].Value))).ToArray();

        Assert.NotEmpty(mentioned);
        // Mentioned, it may lack what it needs to run, and N stands for a number.
        Assert.All(mentioned, line => Assert.True(WgMonitorCommand.Create().Parse(line.Text.Replace(" N", " 16", StringComparison.Ordinal).Split(' ')).UnmatchedTokens.Count == 0, $"{line.Guide} mentions `wgmonitor {line.Text}`."));
    }

    private static async Task<string> TypeAsync(string guide)
    {
        using var directory = new TempDirectory();
        var environment = new Dictionary<string, string?>
        {
            ["WGMONITOR_PROGRAM"] = AppContext.BaseDirectory,
            // The usual ports may be taken by others.
            ["WGMONITOR_PORTS"] = $"{FreePort.Tcp()} {FreePort.Tcp()} {FreePort.Tcp()}",
            ["TMPDIR"] = directory.Path,
            ["CONFIG_FILE"] = null,
            ["WGMONITOR_DATA_DIR"] = null,
        };
        await using var shell = ChildProcess.Start(Executable.Find("bash", "bash"), [Path.Combine(Guides.Root, "tests/guide.sh"), guide], environment, directory.Path);
        var exitCode = await shell.ExitAsync(Limit);
        Assert.True(exitCode == 0, shell.Output);
        return shell.StandardOutput;
    }

    [GeneratedRegex("`wgmonitor ([a-z][^`]*)`")]
    private static partial Regex Mention();
}
