using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Demo;

public sealed partial class DemoTests
{
    /// <summary>Far more than promised: these run beside others. <see cref="DemoLimitTests"/> takes the time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task Clean_removes_the_keys_of_demos_from_a_redis_and_no_others()
    {
        using var directory = new TempDirectory();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        var database = (await redis.ConnectAsync()).GetDatabase();
        string[] others = ["wgmonitor-demonstration", "wgmonitor:{p0}:kept"];
        foreach (var key in others) await database.StringSetAsync(key, "yes");
        string[] given = ["--redis", $"redis://{redis.Address}/0"];
        await using (var demo = WgMonitorProgram.Start(directory.Path, ["demo", "--hosts", "1", "--peers", "3", .. given], Environment(directory)))
        {
            await demo.OutputHas("in the given Redis under wgmonitor-demo:", Limit);
            var peers = new Uri(PeersLine().Match(demo.StandardOutput).Groups[1].Value);
            await Wait.Until(async () => await CountPeersAsync(peers) == 3, "all peers are listed", Limit);
            demo.Terminate();
            Assert.Equal(0, await demo.ExitAsync(Limit));
        }
        var server = database.Multiplexer.GetServers().Single();
        var shown = await server.KeysAsync().Select(key => key.ToString()).Where(key => !others.Contains(key)).ToArrayAsync();
        Assert.NotEmpty(shown);
        Assert.All(shown, key => Assert.StartsWith("wgmonitor-demo:", key));

        var (exitCode, output, _) = await WgMonitorProgram.RunAsync(directory.Path, ["demo", "--clean", .. given]);

        Assert.Equal(0, exitCode);
        Assert.Matches("^[1-9][0-9]* keys of demos removed.\n$", output);
        var left = await server.KeysAsync().Select(key => key.ToString()).ToArrayAsync();
        Assert.Equal(others, left.Order(StringComparer.Ordinal));
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

    [GeneratedRegex(@"peers +(http://\S+)")]
    private static partial Regex PeersLine();
}
