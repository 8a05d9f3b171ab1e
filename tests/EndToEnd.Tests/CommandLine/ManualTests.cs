using WgMonitor.Cli;
using WgMonitor.Cli.Completion;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.CommandLine;

public sealed class ManualTests
{
    [Fact]
    public async Task The_manual_page_is_clean_and_names_every_command_and_option()
    {
        using var directory = new TempDirectory();
        var (exitCode, page, error) = await WgMonitorProgram.RunAsync(directory.Path, ["manual"]);
        Assert.Equal((0, ""), (exitCode, error));
        var file = directory.Write("wgmonitor.1", page);

        await using var lint = ChildProcess.Start(Executable.Find("mandoc", "mandoc"), ["-T", "lint", "-W", "warning", file]);
        Assert.True(await lint.ExitAsync() == 0, lint.Output);

        await using var shown = ChildProcess.Start(Executable.Find("mandoc", "mandoc"), ["-T", "ascii", "-O", "width=200", file]);
        await shown.ExitAsync();
        // Bold and underlined letters are printed over themselves.
        var text = System.Text.RegularExpressions.Regex.Replace(shown.StandardOutput, ".\b", "");
        foreach (var node in CommandTree.Of(WgMonitorCommand.Create()).Where(node => !node.Subcommands.Any()))
        {
            Assert.Contains($"wgmonitor {node.Path}", text);
            Assert.All(node.Options.Where(option => option.Name != "--help"), option => Assert.Contains(option.Name, text));
        }
    }

    [Fact]
    public void Every_command_and_option_says_what_it_is_for() => Assert.All(CommandTree.Of(WgMonitorCommand.Create()), node =>
    {
        Assert.False(string.IsNullOrWhiteSpace(node.Command.Description), node.Path);
        Assert.All(node.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{node.Path} {option.Name}"));
    });
}
