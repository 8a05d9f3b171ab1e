using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Packages;

/// <summary>The systemd units as systemd itself judges them.</summary>
public sealed partial class UnitTests
{
    /// <summary>Of 10, tenths: what .NET and a network service cannot give up makes 15.</summary>
    private const int ExposureMax = 20;

    public static TheoryData<string, string> Units { get; } = new()
    {
        { "wgmonitor.service", "wgmonitor.service" }, { "wgmonitor@.service", "wgmonitor@collector.service" }, { "wgmonitor@.service", "wgmonitor@api.service" },
    };

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_accepts_the_unit_and_finds_it_well_confined(string file, string instance)
    {
        using var directory = new TempDirectory();
        var unit = directory.Write(instance, Text(file).Replace("/usr/bin/wgmonitor", Path.Combine(AppContext.BaseDirectory, "wgmonitor"), StringComparison.Ordinal));

        Assert.Equal((0, ""), await AnalyzeAsync("verify", "--man=no", unit));
        var (exitCode, report) = await AnalyzeAsync("security", "--offline=true", $"--threshold={ExposureMax}", unit);
        Assert.True(exitCode == 0, report);
    }

    [Theory]
    [InlineData("wgmonitor.service", "")]
    [InlineData("wgmonitor@.service", "collector")]
    [InlineData("wgmonitor@.service", "projector")]
    [InlineData("wgmonitor@.service", "notifier")]
    [InlineData("wgmonitor@.service", "api")]
    public async Task Its_command_reads_the_configuration_that_it_names(string file, string instance)
    {
        using var directory = new TempDirectory();
        var configuration = directory.Write("config.toml", "[collector]\nno_such_key = 1\n[stream]\nno_such_key = 1\n[api]\nno_such_key = 1\n");
        var command = CommandLine().Match(Text(file)).Groups[1].Value.Replace("%i", instance, StringComparison.Ordinal).Trim().Split(' ');
        Assert.Equal(["/usr/bin/wgmonitor", "--config", "/etc/wgmonitor/config.toml"], [command[0], .. command.SkipWhile(word => word != "--config").Take(2)]);

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, command[1..].Select(word => word == "/etc/wgmonitor/config.toml" ? configuration : word));

        Assert.Equal(78, exitCode);
        Assert.Contains("no_such_key", error);
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Corpus.PackedFolder, "../../deploy/systemd", file));

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Start(Executable.Find("systemd-analyze", "systemd"), arguments);
        return (await process.ExitAsync(), process.Output);
    }

    [GeneratedRegex("^ExecStart=(.*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();
}
