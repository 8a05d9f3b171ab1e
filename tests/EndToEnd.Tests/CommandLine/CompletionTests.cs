using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.CommandLine;

/// <summary>The completion scripts in the shells that they are for.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("wgmonitor de", "demo")]
    [InlineData("wgmonitor setup ", "host")]
    [InlineData("wgmonitor setup host --tr", "--transport")]
    [InlineData("wgmonitor setup host --transport r", "relp")]
    [InlineData("wgmonitor demo --seed 7 --tra", "--transport")]
    [InlineData("wgmonitor run proj", "projector")]
    [InlineData("wgmonitor completion z", "zsh")]
    [InlineData("wgmonitor check-config --output j", "json")]
    public async Task Bash_and_fish_complete(string typed, string expected)
    {
        using var directory = new TempDirectory();
        var bash = directory.Write("wgmonitor.bash", await ScriptAsync(directory, "bash"));
        var fish = directory.Write("wgmonitor.fish", await ScriptAsync(directory, "fish"));

        var words = string.Join(' ', typed.Split(' ').Select(word => $"'{word}'"));
        var byBash = await RunAsync(Executable.Find("bash", "bash"), "-c", $"source {bash}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _wgmonitor; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        var byFish = await RunAsync(Executable.Find("fish", "fish"), "--no-config", "-c", $"source {fish}; complete -C '{typed}'");

        Assert.Contains(expected, byBash.Split('\n'));
        Assert.Contains(expected, byFish.Split('\n').Select(line => line.Split('\t')[0]));
    }

    [Fact]
    public async Task Zsh_reads_its_script()
    {
        using var directory = new TempDirectory();
        var script = directory.Write("_wgmonitor", await ScriptAsync(directory, "zsh"));

        Assert.Equal("", await RunAsync(Executable.Find("zsh", "zsh"), "-n", script));
        Assert.StartsWith("#compdef wgmonitor\n", File.ReadAllText(script));
    }

    private static async Task<string> ScriptAsync(TempDirectory directory, string shell)
    {
        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["completion", shell]);
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        Assert.True(await process.ExitAsync() == 0, process.Output);
        return process.Output;
    }
}
