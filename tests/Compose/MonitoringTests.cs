using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The stack watched by a real Prometheus with the product's rules, and a real Alertmanager behind it.</summary>
[Collection(typeof(StackCollection))]
public sealed partial class MonitoringTests(Stack stack, Monitoring monitoring) : IClassFixture<Monitoring>
{
    /// <summary>A rule's two minutes, and what precedes and follows.</summary>
    private static readonly TimeSpan AlertLimit = TimeSpan.FromMinutes(6);

    private static readonly string Rules = Repository.Read("deploy/prometheus/wgmonitor.rules.yml");

    [Fact]
    public async Task Containers_are_read_only_without_root_and_without_capabilities() =>
        Assert.Equal(["alertmanager", "prometheus"], (await Hardening.HoldsAsync(await monitoring.ContainersAsync())).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_replica_is_a_target_that_is_up()
    {
        foreach (var replicas in (int[])[2, 3, 2])
        {
            await stack.ScaleAsync(replicas);
            Assert.Equal((replicas, replicas), ((await stack.ContainersAsync("projector")).Count, (await stack.ContainersAsync("notifier")).Count));
            await monitoring.SeesEveryReplicaAsync();
        }
    }

    [Fact]
    public async Task Every_rule_is_loaded_and_evaluates()
    {
        var rules = (await monitoring.PrometheusAsync("rules")).GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToList();
        Assert.Equal(AlertName().Matches(Rules).Select(match => match.Groups[1].Value), rules.Select(rule => rule.GetProperty("name").GetString()));

        await Wait.Until(async () =>
        {
            rules = [.. (await monitoring.PrometheusAsync("rules")).GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];
            return rules.TrueForAll(rule => rule.GetProperty("health").GetString() != "unknown");
        }, "every rule was evaluated", Monitoring.ScrapeLimit);

        Assert.All(rules, rule => Assert.Equal("ok", rule.GetProperty("health").GetString()));
    }

    [Fact]
    public async Task A_line_in_words_of_no_kernel_reaches_alertmanager()
    {
        await using var rsyslog = await RsyslogServer.StartAsync(stack.SyslogPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.TcpCounted);

        await rsyslog.WriteAsync(["<7>1 2026-11-22T13:00:00.000000+00:00 words-0 kernel - - - [100.000001] wireguard: wg0: Peer 7 did what no kernel says"u8.ToArray()]);

        await Wait.Until(() => monitoring.HasAlertAsync("WgMonitorUnknownWords", "severity", "info"), $"the alert arrives; rsyslogd says: {rsyslog.Log}", AlertLimit);
    }

    [Fact]
    public async Task A_collector_that_hangs_and_missing_projectors_reach_alertmanager_and_clear_when_they_are_back()
    {
        var collector = Assert.Single(await stack.ContainersAsync("collector"));

        await Docker.RunAsync("pause", collector);
        try
        {
            await stack.ComposeAsync("stop", "projector");
            await Wait.Until(() => monitoring.HasAlertAsync("WgMonitorServiceDown", "job", "wgmonitor-collector"), "the collector is told to be down", AlertLimit);
            await Wait.Until(() => monitoring.HasAlertAsync("WgMonitorPartitionsUnowned", "group", "projector"), "partitions are told to have no projector", AlertLimit);
        }
        finally
        {
            await Docker.RunAsync("unpause", collector);
            await stack.ComposeAsync("start", "projector");
        }
        await stack.HealthyAsync();

        await Wait.Until(async () => !await monitoring.HasAlertAsync("WgMonitorServiceDown", "job", "wgmonitor-collector"), "the collector is told to be back", AlertLimit);
        await Wait.Until(async () => !await monitoring.HasAlertAsync("WgMonitorPartitionsUnowned", "group", "projector"), "partitions are told to have a projector", AlertLimit);
    }

    [GeneratedRegex(@"^\s*- alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertName();
}
