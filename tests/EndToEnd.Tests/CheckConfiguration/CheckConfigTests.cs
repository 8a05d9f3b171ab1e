using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.CheckConfiguration;

public sealed class CheckConfigTests
{
    private const string Broken = """
        [redis]
        url = "http://127.0.0.1"
        [collector]
        interfases = ["wg0"]
        """;

    [Fact]
    public async Task A_sound_file_gives_every_effective_setting_with_its_origin()
    {
        using var directory = new TempDirectory();
        directory.Write("wg.toml", "[collector]\ninterfaces = [\"wg0\"]\n[redis]\npassword = \"hunter2hunter2\"\n");

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(
            directory.Path, ["check-config", "-c", "wg.toml"], new Dictionary<string, string?> { ["WGMONITOR__REDIS__HOST"] = "redis.example" });

        Assert.Equal(0, exitCode);
        Assert.Equal("", error);
        Assert.Contains("collector.interfaces = [\"wg0\"]  # wg.toml:2:14\n", output);
        Assert.Contains("redis.host = \"redis.example\"  # WGMONITOR__REDIS__HOST\n", output);
        Assert.Contains("collector.batch_events_max = 500  # default\n", output);
        Assert.Contains("redis.password = <secret>", output);
        Assert.DoesNotContain("hunter2", output);
        Assert.EndsWith("wg.toml: OK.\n", output);
    }

    [Fact]
    public async Task Mistakes_are_listed_with_their_places_and_exit_code_78()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", Broken);

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["check-config"]);

        Assert.Equal(78, exitCode);
        Assert.Equal("", output);
        Assert.Equal(
            "config.toml:2:7 redis.url: must begin with redis://, rediss:// or unix:// (got \"http://127.0.0.1\").\n"
            + "config.toml:4:1 collector.interfases: unknown key. Did you mean \"interfaces\"?\n2 mistakes.\n", error);
    }

    [Fact]
    public async Task Json_holds_the_same_mistakes_as_values()
    {
        using var directory = new TempDirectory();
        var file = directory.Write("config.toml", Broken);

        var (exitCode, output, _) = await WgMonitorProgram.RunAsync(directory.Path, ["check-config", "--output", "json"], new Dictionary<string, string?> { ["CONFIG_FILE"] = file });

        Assert.Equal(78, exitCode);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.False(report.GetProperty("ok").GetBoolean());
        Assert.Equal(file, report.GetProperty("file").GetString());
        var problem = report.GetProperty("problems")[1];
        Assert.Equal(
            (file, 4, 1, "collector.interfases", "unknown key"),
            (problem.GetProperty("source").GetString(), problem.GetProperty("line").GetInt32(), problem.GetProperty("column").GetInt32(),
                problem.GetProperty("key").GetString(), problem.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Json_of_the_defaults_lists_settings()
    {
        using var directory = new TempDirectory();

        var (exitCode, output, _) = await WgMonitorProgram.RunAsync(directory.Path, ["check-config", "--output=json"]);

        Assert.Equal(0, exitCode);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("file").ValueKind);
        Assert.Contains(report.GetProperty("settings").EnumerateArray(), setting =>
            setting.GetProperty("key").GetString() == "stream.partitions" && setting.GetProperty("value").GetString() == "8" && setting.GetProperty("origin").GetString() == "default");
    }

    [Fact]
    public async Task Version_and_help_fit_a_screen()
    {
        using var directory = new TempDirectory();

        var version = await WgMonitorProgram.RunAsync(directory.Path, ["--version"]);
        var help = await WgMonitorProgram.RunAsync(directory.Path, ["--help"]);

        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", version.Output);
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("check-config", help.Output);
        Assert.InRange(help.Output.Split('\n').Length, 5, 24);
    }

    [Fact]
    public async Task An_unknown_command_is_refused()
    {
        using var directory = new TempDirectory();

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["down"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("'down'", error);
    }
}
