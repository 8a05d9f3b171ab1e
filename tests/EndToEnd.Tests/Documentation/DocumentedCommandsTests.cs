using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Documentation;

/// <summary>The commands that documents tell a newcomer to type, typed.</summary>
public sealed partial class DocumentedCommandsTests
{
    [Fact]
    public async Task Every_command_of_getting_started_works_in_order()
    {
        using var directory = new TempDirectory();
        var text = File.ReadAllText(Path.Combine(Corpus.PackedFolder, "../../docs/getting-started.md"));
        var blocks = Block().Matches(text).Select(match => match.Groups[1].Value).ToArray();
        Assert.True(blocks.Length >= 5, "the blocks are found");
        // The usual ports may be taken by others.
        var (syslog, api, metrics) = (FreePort.Tcp(), FreePort.Tcp(), FreePort.Tcp());
        var script = string.Concat(blocks).Replace("127.0.0.1:9999", $"127.0.0.1:{syslog}", StringComparison.Ordinal).Replace("127.0.0.1/9999", $"127.0.0.1/{syslog}", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{api}", StringComparison.Ordinal).Replace("127.0.0.1:9998", $"127.0.0.1:{metrics}", StringComparison.Ordinal);
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}",
            ["CONFIG_FILE"] = null,
            ["WGMONITOR_DATA_DIR"] = null,
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = $"127.0.0.1:{syslog}",
            ["WGMONITOR__API__ADDRESS"] = $"127.0.0.1:{api}",
            ["WGMONITOR__METRICS__ADDRESS"] = $"127.0.0.1:{metrics}",
        };

        await using var shell = ChildProcess.Start(
            Executable.Find("bash", "bash"), ["-euo", "pipefail", directory.Write("commands.sh", script)], environment, Directory.CreateDirectory(directory.File("empty")).FullName);
        var exitCode = await shell.ExitAsync(TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, shell.Output);
        Assert.Contains("config.toml: OK.", shell.StandardOutput);
        Assert.Contains(" is up.", shell.StandardOutput);
        Assert.Contains("\"ip\":\"203.0.113.5\"", shell.StandardOutput);
        Assert.Contains("peer-created.v1", shell.StandardOutput);
    }

    [Fact]
    public async Task Every_command_of_the_readme_works_in_order()
    {
        using var directory = new TempDirectory();
        var environment = new Dictionary<string, string?>
        {
            ["WGMONITOR_PROGRAM"] = AppContext.BaseDirectory,
            ["WGMONITOR_PORTS"] = $"{FreePort.Tcp()} {FreePort.Tcp()} {FreePort.Tcp()}",
            ["TMPDIR"] = directory.Path,
            ["CONFIG_FILE"] = null,
            ["WGMONITOR_DATA_DIR"] = null,
        };

        await using var shell = ChildProcess.Start(Executable.Find("bash", "bash"), [Path.Combine(Corpus.PackedFolder, "../readme.sh")], environment, directory.Path);
        var exitCode = await shell.ExitAsync(TimeSpan.FromMinutes(5));

        Assert.True(exitCode == 0, shell.Output);
        Assert.EndsWith(" commands of README.md work.\n", shell.StandardOutput);
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
