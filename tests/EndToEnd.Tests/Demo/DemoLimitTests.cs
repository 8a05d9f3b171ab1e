using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Demo;

/// <summary>What a demo promises by the clock. Nothing else of this project runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ByTheClock
{
    public const string Name = "by the clock";
}

/// <summary>The first minute of somebody who types <c>wgmonitor demo</c>, from the start of the process to what Ctrl-C leaves.</summary>
[Collection(ByTheClock.Name)]
public sealed partial class DemoLimitTests(ITestOutputHelper output)
{
    private const int Peers = 40;

    private static readonly TimeSpan PeersLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AlertLimit = TimeSpan.FromSeconds(30);

    /// <summary>After which a test gives up; what is promised is asserted, not waited for.</summary>
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(90);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task Peers_show_within_10_seconds_the_first_alert_within_30_and_ctrl_c_leaves_nothing_behind()
    {
        using var directory = new TempDirectory();
        // Neither a configuration in the current directory nor one in the environment may lead a demo to real receivers, or stop it.
        directory.Write("config.toml", "not = [\"toml of ours\"");
        var port = FreePort.Tcp();
        var environment = new Dictionary<string, string?>
        {
            ["TMPDIR"] = Directory.CreateDirectory(directory.File("tmp")).FullName,
            ["LOG_LEVEL"] = null,
            ["WGMONITOR__METRICS__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__API__ADDRESS"] = $"127.0.0.1:{port}",
            ["WGMONITOR__NOTIFIER__ROUTE__0__NAME"] = "production",
        };
        // A shell that runs the tests in the background has made them, and so their children, deaf to Ctrl-C.
        string[] command = ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "wgmonitor"), "demo", "--seed", "1"];
        var clock = Stopwatch.StartNew();
        await using var demo = WgMonitorProgram.Start(directory.Path, command, environment, program: "/usr/bin/env");

        var list = new Uri($"http://127.0.0.1:{port}/api/v1/peers");
        await Wait.Until(async () => await CountPeersAsync(list) > 0, "peers are listed", GiveUp);
        AssertWithin(PeersLimit, "peers", clock.Elapsed, demo);
        await Wait.Until(() => AlertLine().IsMatch(demo.StandardOutput), "an endpoint change arrives at the webhook", GiveUp);
        AssertWithin(AlertLimit, "the first alert", clock.Elapsed, demo);
        await Wait.Until(async () => await CountPeersAsync(list) == Peers, "all peers are listed", GiveUp);

        Assert.Contains("WgMonitor DEMO: 3 simulated VPN servers with 40 peers; nothing of this is real.", demo.StandardOutput);
        var redis = ProcessesIn(Assert.Single(Directory.GetDirectories(directory.File("tmp"))));
        Assert.NotEmpty(redis);
        demo.Interrupt();
        Assert.Equal(0, await demo.ExitAsync(GiveUp));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.File("tmp")));
        Assert.Equal([directory.File("config.toml"), directory.File("tmp")], Directory.EnumerateFileSystemEntries(directory.Path).Order(StringComparer.Ordinal));
        Assert.All(redis, process => Assert.False(Directory.Exists($"/proc/{process}"), $"process {process} lives on"));
        Assert.Equal("", demo.StandardError);
    }

    /// <summary>
    /// By the clock, less the longest time for which the kernel let one of its threads wait for a processor that others had: on an idle machine that is next to nothing, and on
    /// one that does ten things at once it says how late it is because of them.
    /// </summary>
    private void AssertWithin(TimeSpan limit, string what, TimeSpan elapsed, ChildProcess demo)
    {
        var waited = LongestWait(demo.Id);
        var text = $"{what} after {elapsed.TotalSeconds:0.0} s, of which a thread waited {waited.TotalSeconds:0.0} s for a processor; promised are {limit.TotalSeconds:0} s";
        output.WriteLine(text);
        Assert.True(elapsed - waited <= limit, text);
    }

    /// <summary>Of the threads that live. Linux, Documentation/scheduler/sched-stats.rst: time on a processor, time waiting for one, both in nanoseconds.</summary>
    private static TimeSpan LongestWait(int process)
    {
        long longest = 0;
        foreach (var thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            try
            {
                longest = Math.Max(longest, long.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended just now.
            }
        }
        return TimeSpan.FromMicroseconds(longest / 1000);
    }

    /// <summary>0 before anybody answers.</summary>
    private static async Task<int> CountPeersAsync(Uri peers)
    {
        try
        {
            using var page = JsonDocument.Parse(await Http.GetStringAsync(peers));
            return page.RootElement.GetProperty("items").GetArrayLength();
        }
        catch (Exception e) when (e is TaskCanceledException or HttpRequestException)
        {
            return 0;
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

    [GeneratedRegex(@"ALERT  .*Peer vpn-0[1-3]/1/[0-9]+ on wg0 moved from ")]
    private static partial Regex AlertLine();
}
