using System.Diagnostics;
using System.Net;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Up;

public sealed class UpTests
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Up_is_ready_with_its_own_redis_and_sigterm_ends_both_with_exit_code_0()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        var redis = up.RedisProcessId;
        await up.SendOneEventAsync(directory.File("data/redis/redis.sock"));
        Assert.True(RunningUp.Lives(redis));

        up.Process.Terminate();

        Assert.Equal(0, await up.Process.ExitAsync(DrainLimit));
        Assert.False(RunningUp.Lives(redis));
        Assert.Contains("wrote its data and ended", up.Process.StandardOutput);
    }

    [Fact]
    public async Task A_syslog_line_sent_to_it_is_a_peer_at_its_api()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        Assert.Contains("\"items\":[]", await up.ReadPeersAsync());

        await up.SendOneEventAsync(directory.File("data/redis/redis.sock"));

        await Wait.Until(async () => (await up.ReadPeersAsync()).Contains("\"id\":\"vpn-01/1/7\"", StringComparison.Ordinal), "the peer is listed");
        Assert.Contains("203.0.113.5", await up.ReadPeersAsync());
    }

    [Fact]
    public async Task The_own_redis_keeps_everything_and_lets_nobody_else_in()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        var socket = directory.File("data/redis/redis.sock");
        await using var redis = await RunningUp.ConnectAsync(socket);
        var server = redis.GetServers().Single();
        var settings = (await server.ConfigGetAsync()).ToDictionary();

        Assert.Equal("yes", settings["appendonly"]);
        Assert.Equal("everysec", settings["appendfsync"]);
        Assert.Equal("noeviction", settings["maxmemory-policy"]);
        Assert.Equal("", settings["save"]);
        Assert.Equal("0", settings["port"]);
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(owner, File.GetUnixFileMode(directory.File("data")));
        Assert.Equal(owner, File.GetUnixFileMode(directory.File("data/redis")));
        Assert.Equal(owner, File.GetUnixFileMode(socket));
    }

    /// <summary>A Ctrl-C at the terminal goes to the whole foreground group; Redis must outlive it until the services have drained.</summary>
    [Fact]
    public async Task The_own_redis_is_in_a_session_of_its_own()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);

        // proc(5): pid (comm) state ppid pgrp session …
        var stat = File.ReadAllText($"/proc/{up.RedisProcessId}/stat");
        var session = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3];

        Assert.Equal($"{up.RedisProcessId}", session);
    }

    [Fact]
    public async Task Kill_9_ends_redis_too_and_the_next_up_has_all_events()
    {
        using var directory = new TempDirectory();
        var socket = directory.File("data/redis/redis.sock");
        await using (var killed = await RunningUp.StartAsync(directory))
        {
            var redis = killed.RedisProcessId;
            await killed.SendOneEventAsync(socket);
            killed.Process.Kill();
            await Wait.Until(() => !RunningUp.Lives(redis), "redis-server ends after its parent");
        }

        await using var next = await RunningUp.StartAsync(directory);

        Assert.Equal(1, await RunningUp.CountEventsAsync(socket));
        await next.SendOneEventAsync(socket);
    }

    [Fact]
    public async Task Up_right_after_a_kill_9_waits_for_the_old_redis_and_has_all_events()
    {
        using var directory = new TempDirectory();
        var socket = directory.File("data/redis/redis.sock");
        for (var events = 1; events <= 3; events++)
        {
            await using var up = await RunningUp.StartAsync(directory);
            await up.SendOneEventAsync(socket);
            Assert.Equal(events, await RunningUp.CountEventsAsync(socket));
            up.Process.Kill();
        }
    }

    /// <summary>Without util-linux nothing ties Redis to its parent.</summary>
    [Fact]
    public async Task A_redis_that_outlived_its_wgmonitor_is_ended_by_the_next_up_without_loss()
    {
        using var directory = new TempDirectory();
        var socket = directory.File("data/redis/redis.sock");
        Directory.CreateDirectory(directory.File("bin"));
        File.CreateSymbolicLink(directory.File("bin/redis-server"), Executable.Find("redis-server", "redis-server"));
        var onlyRedis = new Dictionary<string, string?> { ["PATH"] = directory.File("bin") };
        int orphan;
        await using (var killed = await RunningUp.StartAsync(directory, onlyRedis))
        {
            orphan = killed.RedisProcessId;
            await killed.SendOneEventAsync(socket);
            killed.Process.Kill();
            await killed.Process.ExitAsync();
            Assert.True(RunningUp.Lives(orphan));
        }

        await using var next = await RunningUp.StartAsync(directory);

        Assert.False(RunningUp.Lives(orphan));
        Assert.Contains($"of an earlier run (process {orphan})", next.Process.StandardOutput);
        Assert.Equal(1, await RunningUp.CountEventsAsync(socket));
    }

    [Fact]
    public async Task A_redis_that_dies_is_started_again_with_its_data()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        var socket = directory.File("data/redis/redis.sock");
        await up.SendOneEventAsync(socket);
        var first = up.RedisProcessId;

        Process.GetProcessById(first).Kill();
        await Wait.Until(() => up.RedisProcessId != first, "another redis-server runs");
        await up.ReadyAsync();

        Assert.Equal(1, await RunningUp.CountEventsAsync(socket));
        await up.SendOneEventAsync(socket);
        Assert.Contains("ended by itself (exit code 137)", up.Process.StandardOutput);
    }

    /// <summary>A plain start would bring it back at the one after.</summary>
    [Fact]
    public async Task What_a_killed_redis_wrote_of_a_transaction_never_comes_back()
    {
        using var directory = new TempDirectory();
        var socket = directory.File("data/redis/redis.sock");
        await using (var up = await RunningUp.StartAsync(directory))
        {
            await up.SendOneEventAsync(socket);
            var killed = up.RedisProcessId;
            up.Process.Kill();
            await Wait.Until(() => !RunningUp.Lives(killed), "redis-server ends after its parent");
        }
        UnfinishedTransaction.AppendTo(directory.File("data/redis"));

        await using (var up = await RunningUp.StartAsync(directory))
        {
            await up.SendOneEventAsync(socket);
            var first = up.RedisProcessId;
            Process.GetProcessById(first).Kill();
            await Wait.Until(() => up.RedisProcessId != first, "another redis-server runs");
            await up.ReadyAsync();

            Assert.Equal(2, await RunningUp.CountEventsAsync(socket));
            await using var redis = await RunningUp.ConnectAsync(socket);
            Assert.False(await redis.GetDatabase().KeyExistsAsync(UnfinishedTransaction.Key));
            up.Process.Terminate();
            Assert.Equal(0, await up.Process.ExitAsync(DrainLimit));
        }
        Assert.False(File.Exists(directory.File("data/redis/started")));
    }

    [Theory]
    [InlineData("it's \"my\" dåta # 100%")]
    [InlineData("a-folder-name-so-long-that-the-path-of-a-socket-in-it-does-not-fit-into-the-107-bytes-which-the-kernel-has-for-it")]
    public async Task Any_path_will_do_as_data_directory(string name)
    {
        using var directory = new TempDirectory();
        await using (var up = await RunningUp.StartAsync(directory, null, "--data-dir", name))
        {
            await using var redis = await ConnectAsync(directory.File(name + "/redis"));
            await redis.GetDatabase().StringSetAsync("kept", "yes");
            up.Process.Terminate();
            Assert.Equal(0, await up.Process.ExitAsync(DrainLimit));
        }

        await using var next = await RunningUp.StartAsync(directory, null, "--data-dir", name);

        await using var again = await ConnectAsync(directory.File(name + "/redis"));
        Assert.Equal("yes", await again.GetDatabase().StringGetAsync("kept"));
    }

    [Fact]
    public async Task A_redis_of_the_configuration_is_used_and_nothing_is_written()
    {
        using var directory = new TempDirectory();
        await using var redis = await RedisServer.StartAsync();
        var given = new Dictionary<string, string?>
        {
            ["WGMONITOR__REDIS__URL"] = $"redis://{redis.Address}/0",
            ["WGMONITOR__STREAM__PREFIX"] = redis.KeyPrefix,
            ["PATH"] = "/nonexistent",
        };

        await using var up = await RunningUp.StartAsync(directory, given);

        Assert.Equal(HttpStatusCode.OK, await up.StatusAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    /// <summary>By the address and password in redis.conf, whichever kind it is.</summary>
    private static async Task<StackExchange.Redis.ConnectionMultiplexer> ConnectAsync(string redisDirectory)
    {
        var settings = File.ReadLines(Path.Combine(redisDirectory, "redis.conf")).Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2).ToLookup(parts => parts[0], parts => parts[1]);
        if (settings["port"].Single() == "0") return await RunningUp.ConnectAsync(Path.Combine(redisDirectory, "redis.sock"));
        return await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{settings["port"].Single()},password={settings["requirepass"].Single()}");
    }
}
