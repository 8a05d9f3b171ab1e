using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.CommandLine;

public sealed class ConfigShowTests
{
    private const string Toml = """
        [redis]
        url = "redis://:hunter2@redis.example:6379/0"
        [collector]
        skew_max = "5m"
        """;

    [Fact]
    public async Task Show_tells_each_value_and_where_it_comes_from_but_no_secret()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", Toml);

        var (exitCode, output, error) = await RunAsync(directory, "--origin");

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.Split('\n');
        Assert.Contains("collector.skew_max = \"5m\"  # config.toml:4:12", lines);
        Assert.Contains("stream.partitions = 16  # WGMONITOR__STREAM__PARTITIONS", lines);
        Assert.Contains("api.page_max = 1000  # default", lines);
        Assert.Contains("redis.url = \"redis://:<secret>@redis.example:6379/0\"  # config.toml:2:7", lines);
        Assert.DoesNotContain("hunter2", output);
    }

    [Fact]
    public async Task Changed_leaves_the_defaults_out()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", Toml);

        var (_, output, _) = await RunAsync(directory, "--changed");

        Assert.Equal(["redis.url = \"redis://:<secret>@redis.example:6379/0\"", "stream.partitions = 16", "collector.skew_max = \"5m\""], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(line => line[0] switch { 'r' => 0, 's' => 1, _ => 2 }));
    }

    [Fact]
    public async Task As_json_it_is_for_programs()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", Toml);

        var (_, output, _) = await RunAsync(directory, "--output", "json", "--changed");

        using var json = JsonDocument.Parse(output);
        Assert.Contains(json.RootElement.EnumerateArray(), setting => setting.GetProperty("key").GetString() == "collector.skew_max" && setting.GetProperty("origin").GetString() == "config.toml:4:12");
    }

    [Fact]
    public async Task Mistakes_are_listed_and_the_exit_code_is_78()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", "[collector]\nskew_maxx = \"5m\"\n");

        var (exitCode, output, error) = await RunAsync(directory, "--origin");

        Assert.Equal((78, ""), (exitCode, output));
        Assert.Contains("config.toml:2:1", error);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(TempDirectory directory, params string[] arguments) =>
        WgMonitorProgram.RunAsync(directory.Path, ["config", "show", .. arguments], new Dictionary<string, string?> { ["WGMONITOR__STREAM__PARTITIONS"] = "16" });
}
