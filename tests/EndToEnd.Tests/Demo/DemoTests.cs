using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Demo;

public sealed partial class DemoTests
{
    /// <summary>
    /// Far more than promised (10 s to the peers, 30 s to the first alert): what the story itself takes of that is checked to the second by
    /// <see cref="FleetStoryTests"/>, and the rest is milliseconds, unless the machine has no time for it.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task It_shows_peers_and_an_alert_soon_and_ctrl_c_leaves_nothing_behind()
    {
        using var directory = new TempDirectory();
        // Neither a configuration in the current directory nor one in the environment may lead a demo to real receivers, or stop it.
        directory.Write("config.toml", "not = [\"toml of ours\"");
        var environment = Environment(directory);
        environment["WGMONITOR__NOTIFIER__ROUTE__0__NAME"] = "production";
        // A shell that runs the tests in the background has made them, and so their children, deaf to Ctrl-C.
        string[] command = ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "wgmonitor"), "demo", "--seed", "1"];
        await using var demo = WgMonitorProgram.Start(directory.Path, command, environment, program: "/usr/bin/env");
        await demo.OutputHas("WgMonitor DEMO: 3 simulated VPN servers with 40 peers; nothing of this is real.", Limit);
        var peers = new Uri(PeersLine().Match(demo.StandardOutput).Groups[1].Value);

        await Wait.Until(async () => await CountPeersAsync(peers) == 40, "all 40 peers are listed", Limit);
        await Wait.Until(() => AlertLine().IsMatch(demo.StandardOutput), "an endpoint change arrives at the webhook", Limit);

        var inside = Directory.GetDirectories(directory.File("tmp"));
        var redis = ProcessesIn(Assert.Single(inside));
        Assert.NotEmpty(redis);
        demo.Interrupt();
        Assert.Equal(0, await demo.ExitAsync(Limit));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.File("tmp")));
        Assert.All(redis, process => Assert.False(Directory.Exists($"/proc/{process}"), $"process {process} lives on"));
        Assert.Equal("", demo.StandardError);
    }

    [Fact]
    public async Task Clean_removes_the_keys_of_demos_from_a_redis_and_no_others()
    {
        using var directory = new TempDirectory();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        var database = (await redis.ConnectAsync()).GetDatabase();
        await database.StringSetAsync("wgmonitor:{p0}:kept", "yes");
        await database.StringSetAsync("wgmonitor-demonstration", "yes");
        string[] given = ["--redis", $"redis://{redis.Address}/0"];
        await using (var demo = WgMonitorProgram.Start(directory.Path, ["demo", "--hosts", "1", "--peers", "3", .. given], Environment(directory)))
        {
            await demo.OutputHas("in the given Redis under wgmonitor-demo:", Limit);
            var peers = new Uri(PeersLine().Match(demo.StandardOutput).Groups[1].Value);
            await Wait.Until(async () => await CountPeersAsync(peers) == 3, "all peers are listed", Limit);
            demo.Terminate();
            Assert.Equal(0, await demo.ExitAsync(Limit));
        }

        var (exitCode, output, _) = await WgMonitorProgram.RunAsync(directory.Path, ["demo", "--clean", .. given]);

        Assert.Equal(0, exitCode);
        Assert.Matches("^[1-9][0-9]* keys of demos removed.\n$", output);
        var left = await database.Multiplexer.GetServers().Single().KeysAsync().Select(key => key.ToString()).ToArrayAsync();
        Assert.Equal(["wgmonitor-demonstration", "wgmonitor:{p0}:kept"], left.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("both")]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task The_fleet_alone_sends_to_any_collector_and_waits_for_it(string transport)
    {
        using var directory = new TempDirectory();
        var port = FreePort.Tcp();
        await using var fleet = WgMonitorProgram.Start(directory.Path, ["demo", "--send-to", $"127.0.0.1:{port}", "--transport", transport, "--hosts", "2", "--peers", "6"]);
        await fleet.OutputHas($"2 simulated VPN servers with 6 peers send syslog to 127.0.0.1:{port}.", Limit);
        if (transport != "udp") await fleet.OutputHas($"nobody takes syslog at 127.0.0.1:{port}", Limit);
        var listeners = new Dictionary<string, string?>
        {
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = $"127.0.0.1:{port}",
            ["WGMONITOR__COLLECTOR__LISTEN__1__ADDRESS"] = $"127.0.0.1:{port}",
            ["WGMONITOR__COLLECTOR__LISTEN__1__PROTOCOL"] = "tcp",
        };

        await using var up = await Up.RunningUp.StartAsync(directory, listeners);

        // Over UDP what was sent before is lost; the peers show themselves again after their first keepalive interval.
        await Wait.Until(async () => await CountPeersAsync(up.Peers) == 6, "all peers are listed", Limit);
        fleet.Terminate();
        Assert.Equal(0, await fleet.ExitAsync(Limit));
    }

    [Theory]
    [InlineData("--hosts", "0")]
    [InlineData("--peers", "5001")]
    [InlineData("--send-to", "collector")]
    [InlineData("--seed", "-1")]
    public async Task Arguments_that_make_no_fleet_are_refused(params string[] arguments)
    {
        using var directory = new TempDirectory();

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["demo", .. arguments]);

        Assert.Equal(1, exitCode);
        Assert.Contains(arguments[0], error);
    }

    [Fact]
    public async Task Clean_without_a_redis_says_what_to_name()
    {
        using var directory = new TempDirectory();

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["demo", "--clean"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("--redis", error);
    }

    private static Dictionary<string, string?> Environment(TempDirectory directory) => new()
    {
        ["TMPDIR"] = Directory.CreateDirectory(directory.File("tmp")).FullName,
        ["LOG_LEVEL"] = null,
        ["WGMONITOR__METRICS__ADDRESS"] = "127.0.0.1:0",
        ["WGMONITOR__API__ADDRESS"] = "127.0.0.1:0",
    };

    /// <summary>-1 where no answer came in time.</summary>
    private static async Task<int> CountPeersAsync(Uri peers)
    {
        try
        {
            using var page = JsonDocument.Parse(await Http.GetStringAsync(peers));
            return page.RootElement.GetProperty("items").GetArrayLength();
        }
        catch (Exception e) when (e is TaskCanceledException or HttpRequestException)
        {
            return -1;
        }
    }

    /// <summary>Whose working directory lies in the folder.</summary>
    private static int[] ProcessesIn(string folder) => [.. Directory.GetDirectories("/proc").Where(process => WorksIn(process, folder)).Select(process => int.Parse(Path.GetFileName(process)))];

    private static bool WorksIn(string process, string folder)
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _) && new FileInfo($"{process}/cwd").LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"peers +(http://\S+)")]
    private static partial Regex PeersLine();

    [GeneratedRegex(@"ALERT  .*Peer vpn-0[1-3]/1/[0-9]+ on wg0 moved from ")]
    private static partial Regex AlertLine();
}
