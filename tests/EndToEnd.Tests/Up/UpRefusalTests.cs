using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Up;

/// <summary>What <c>wgmonitor up</c> says when it cannot start: one sentence, exit code 1; or every mistake of the configuration, exit code 78.</summary>
public sealed class UpRefusalTests
{
    [Fact]
    public async Task A_missing_redis_server_is_one_sentence_that_names_the_package()
    {
        using var directory = new TempDirectory();

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up"], new Dictionary<string, string?> { ["PATH"] = "/nonexistent" });

        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Equal(
            "redis-server was not found; install it with: apt-get install redis-server (Debian, Ubuntu), dnf install redis (Fedora) or "
            + "apk add redis (Alpine), or point [redis] url at one.\n", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_redis_server_older_than_7_0_is_refused_in_one_sentence()
    {
        using var directory = new TempDirectory();
        var program = directory.Write("bin/redis-server", "#!/bin/sh\necho 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=6d95e1af3a2c082a'\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(
            directory.Path, ["up"], new Dictionary<string, string?> { ["PATH"] = Path.GetDirectoryName(program) });

        Assert.Equal(1, exitCode);
        Assert.Equal($"{program} is version 6.0.16, but Redis 7.0 or newer (or Valkey) is needed: install a newer one, or point [redis] url at one.\n", error);
    }

    [Fact]
    public async Task A_second_up_on_the_same_data_directory_is_refused_and_does_not_disturb_the_first()
    {
        using var directory = new TempDirectory();
        await using var first = await RunningUp.StartAsync(directory);

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up", "--data-dir", "./data/"]);

        Assert.Equal(1, exitCode);
        Assert.Equal($"Another wgmonitor (process {first.Process.Id}) uses the data directory {directory.File("data/")}: stop it, or choose another directory with --data-dir.\n", error);
        await first.SendOneEventAsync(directory.File("data/redis/redis.sock"));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_one_sentence()
    {
        using var directory = new TempDirectory();
        directory.Write("data", "a file");

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"The data directory {directory.File("data")} cannot be used: ", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Data_that_redis_cannot_read_is_told_with_the_words_of_redis()
    {
        using var directory = new TempDirectory();
        directory.Write("data/redis/appendonlydir/appendonly.aof.manifest", "this is no manifest\n");

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("redis-server did not start; it said: ", error);
        Assert.Contains("Invalid AOF manifest file format", error);
        Assert.Equal("this is no manifest\n", File.ReadAllText(directory.File("data/redis/appendonlydir/appendonly.aof.manifest")));
    }

    [Fact]
    public async Task Every_mistake_of_the_configuration_is_listed_with_its_place_and_nothing_is_started()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", """
            [collector]
            batch_events_max = "many"
            skew_maximum = "1s"

            [[collector.listen]]
            address = "127.0.0.1"

            [metrics]
            address = 9998
            """);

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up"]);

        Assert.Equal(78, exitCode);
        var mistakes = error.TrimEnd().Split('\n');
        Assert.Equal(
            ["config.toml:2:20 collector.batch_events_max:", "config.toml:3:1 collector.skew_maximum:", "config.toml:6:11 collector.listen[0].address:", "config.toml:9:11 metrics.address:"],
            mistakes.Select(mistake => mistake[..(mistake.IndexOf(": ", StringComparison.Ordinal) + 1)]));
        Assert.False(Directory.Exists(directory.File("data")));
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_takes_redis_down_again()
    {
        using var directory = new TempDirectory();
        await using var first = await RunningUp.StartAsync(directory);

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["up", "--data-dir", "other"], new Dictionary<string, string?>
        {
            ["WGMONITOR__METRICS__ADDRESS"] = first.Health.Authority,
            ["WGMONITOR__API__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = "127.0.0.1:0",
        });

        Assert.Equal(1, exitCode);
        Assert.Contains("Another process listens there", error);
        Assert.Contains("wrote its data and ended", output);
    }
}
