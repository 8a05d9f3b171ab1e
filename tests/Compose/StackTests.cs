using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The stack as a user starts it: real images, a real rsyslogd, and what befalls containers.</summary>
[Collection(typeof(StackCollection))]
public sealed class StackTests(Stack stack)
{
    /// <summary>Lines written at most, should the containers take long.</summary>
    private const int WrittenMax = 200_000;

    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromMinutes(3);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task Containers_are_read_only_without_root_and_without_capabilities()
    {
        var services = await Hardening.HoldsAsync(await stack.ContainersAsync());

        Assert.Equal(["api", "collector", "notifier", "projector", "redis"], services.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_recording_sent_by_rsyslogd_becomes_peers_and_alerts()
    {
        var run = Corpus.Run("D-server");
        var datagrams = run.Datagrams(SyslogTemplate.SyslogProtocol23);
        var counts = run.ExpectedCounts("imklog-udp-RSYSLOG_SyslogProtocol23Format");
        var expected = counts["records"] - counts.GetValueOrDefault("other");
        await using var rsyslog = await RsyslogServer.StartAsync(
            stack.RelpPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp.WithDiskQueue());

        await rsyslog.WriteAsync(datagrams.Select(datagram => datagram.Bytes));
        await Wait.Until(async () => await EventsAsync(run.Hostname) >= expected, $"{expected} events of {run.Hostname} arrive; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        await rsyslog.StopAsync();
        var result = await stack.EqualsReferenceAsync();

        Assert.Equal(expected, await EventsAsync(run.Hostname));
        var peers = await Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{stack.ApiPort}/api/v1/peers?limit=1000&host={run.Hostname}"));
        var alerts = await Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{stack.ApiPort}/api/v1/alerts?limit=1000"));
        Assert.NotEmpty(peers.GetProperty("items").EnumerateArray());
        Assert.Contains(peers.GetProperty("items").EnumerateArray(), peer => peer.GetProperty("endpoint").ValueKind == JsonValueKind.Object);
        Assert.NotEmpty(alerts.GetProperty("items").EnumerateArray());
        Stack.Tell($"recording: {expected} events, {result.Hosts} hosts, {result.Peers} peers, {result.Alerts} alerts");
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task The_published_port_takes(string protocol)
    {
        await stack.HealthyAsync();
        await using var rsyslog = await RsyslogServer.StartAsync(
            stack.SyslogPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: protocol == "udp" ? RsyslogForward.Udp : RsyslogForward.TcpCounted);

        await rsyslog.WriteAsync(NumberedLines.Of(protocol, 0, 500), Pace.Messages(1000));

        await Wait.Until(async () => await ReadAsync(protocol, 500) == (0, 0, 0), $"500 lines arrive by {protocol}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
    }

    [Fact]
    public async Task The_demo_fills_the_table_of_peers()
    {
        await stack.HealthyAsync();
        await stack.DemoAsync();

        await Wait.Until(async () =>
        {
            var peers = await Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{stack.ApiPort}/api/v1/peers?limit=1000"));
            return peers.GetProperty("items").EnumerateArray().Count(peer => peer.GetProperty("host").GetString() is "vpn-01" or "vpn-02" or "vpn-03") >= 30;
        }, "the demo's peers show", ArrivalLimit);
        await stack.RemoveWithProfileAsync("demo", "demo");
    }

    [Fact]
    public async Task Collectors_and_apis_scale_with_a_range_of_ports()
    {
        await stack.HealthyAsync();
        await stack.UpWithRangesAsync("--scale", "collector=3", "--scale", "api=3");
        await stack.HealthyAsync();

        var collectors = await stack.ContainersAsync("collector");
        Assert.Equal((3, 3), (collectors.Count, (await stack.ContainersAsync("api")).Count));
        foreach (var (index, collector) in collectors.Index())
        {
            var port = int.Parse((await Docker.RunAsync("port", collector, "2514/tcp")).Trim().Split('\n')[0].Split(':')[^1]);
            await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp);
            await rsyslog.WriteAsync(NumberedLines.Of($"range{index}", 0, 100));
            await Wait.Until(async () => await ReadAsync($"range{index}", 100) == (0, 0, 0), $"100 lines arrive at collector {index}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        }
        await stack.UpWithRangesAsync("--scale", "collector=1", "--scale", "api=1");
        Assert.Single(await stack.ContainersAsync("collector"));
    }

    [Fact]
    public async Task Nothing_is_lost_when_containers_are_killed_scaled_restarted_and_upgraded()
    {
        var clock = Stopwatch.StartNew();
        await using var rsyslog = await RsyslogServer.StartAsync(
            stack.RelpPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp.WithDiskQueue());
        using var ended = new CancellationTokenSource();
        var written = 0;
        // Lines come all the while; rsyslogd's queue takes what nobody reads.
        var writing = Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested && written < WrittenMax)
            {
                await rsyslog.WriteAsync(NumberedLines.Of("relp", written, 100), Pace.Messages(500), CancellationToken.None);
                written += 100;
            }
        });

        await stack.UpAsync("--no-recreate", "--scale", "projector=2", "--scale", "notifier=2");
        foreach (var service in (string[])["collector", "projector", "notifier", "redis"])
        {
            await Stack.KillAndStartAsync((await stack.ContainersAsync(service))[0]);
            Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s, {written} lines: {service} killed");
        }
        await stack.HealthyAsync();
        foreach (var replicas in (int[])[1, 3, 1])
        {
            await stack.UpAsync("--no-recreate", "--scale", $"projector={replicas}", "--scale", $"notifier={replicas}");
            await stack.HealthyAsync();
            Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s, {written} lines: {replicas} projectors and notifiers");
        }
        await stack.ComposeAsync("restart", "redis");
        foreach (var service in Stack.Services)
        {
            await stack.UpAsync("--no-deps", "--force-recreate", service);
            await stack.HealthyAsync();
            Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s, {written} lines: {service} recreated");
        }
        await ended.CancelAsync();
        await writing;
        await Wait.Until(async () => (await ReadAsync("relp", written)).Missing == 0, $"{written} lines arrive; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        await rsyslog.StopAsync();
        var result = await stack.EqualsReferenceAsync();

        Assert.Equal((0, 0, 0), await ReadAsync("relp", written));
        Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s: {written} lines, none missing, doubled or out of order; {result.Hosts} hosts, {result.Alerts} alerts as one fold of the log");
    }

    private Task<(int Missing, int Doubled, int Disordered)> ReadAsync(string series, int sent) => NumberedLines.ReadAsync(stack.Connection.GetDatabase(), stack.Keys, series, sent);

    private async Task<int> EventsAsync(string host)
    {
        var count = 0;
        for (var partition = 0; partition < Stack.Partitions; partition++)
        {
            // Lines of the recording only: what the collector itself adds has no kernel stamp to go by.
            var entries = await stack.Connection.GetDatabase().StreamRangeAsync(stack.Keys.Events(partition));
            count += entries.Count(entry => entry["host"] == host && entry["type"] is var type && type != "lines-lost.v1" && type != "host-silent.v1");
        }
        return count;
    }
}
