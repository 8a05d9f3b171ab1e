using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using WgMonitor.Cli.Demo.Fleet;
using WgMonitor.Collector;
using WgMonitor.Collector.Explain;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Demo;

public sealed partial class FleetStoryTests
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    [Fact]
    public void The_same_seed_tells_the_same_story_and_another_seed_another()
    {
        Assert.Equal(Steps(seed: 7), Steps(seed: 7));
        Assert.NotEqual(Steps(seed: 7), Steps(seed: 8));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 5, 2)]
    [InlineData(3, 40, 3)]
    [InlineData(20, 400, 4)]
    public void Every_line_is_an_event_to_the_collector(int hosts, int peers, int seed)
    {
        var lines = Steps(hosts, peers, seed).OfType<LinePrinted>().Select(line => line.Text).Distinct().Take(5000).ToArray();

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Equal(LineOutcome.Event, Explain(line)));
    }

    [Fact]
    public void Every_peer_shows_itself_in_the_first_seconds_and_a_phone_roams_soon_after()
    {
        var lines = Steps().OfType<LinePrinted>().ToArray();

        var shown = lines.TakeWhile(line => line.At <= FleetStory.Opening).Select(line => (line.Host, PeerNumber().Match(line.Text).Groups[1].Value)).Distinct();
        Assert.Equal(40, shown.Count(peer => peer.Item2.Length > 0));
        Assert.Contains(Steps().OfType<Told>(), told => told.Text.Contains("changes its network", StringComparison.Ordinal) && told.At < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void It_holds_everything_that_is_promised()
    {
        var steps = Steps();
        var told = string.Join('\n', steps.OfType<Told>().Select(told => told.Text));
        var lines = steps.OfType<LinePrinted>().ToArray();

        Assert.Contains("reboots", told);
        Assert.Contains("hangs", told);
        Assert.Contains("a forged line", told);
        Assert.Contains(lines, line => line.Severity == 4 && SuppressedLine().IsMatch(line.Text));
        Assert.Contains(lines, line => line.Text.Contains("giving up", StringComparison.Ordinal));
        Assert.Contains(lines, line => V6Handshake().IsMatch(line.Text));
        Assert.Contains(lines, line => line.OverTcp);
        Assert.Contains(lines, line => !line.OverTcp);
        Assert.Single(lines, line => line is { At.TotalMinutes: < 4, Text: var text } && !text.StartsWith('['));
    }

    [Fact]
    public void Stamps_of_a_host_grow_and_start_anew_only_when_it_boots()
    {
        foreach (var host in Steps().OfType<LinePrinted>().Where(line => line.Text.StartsWith('[')).GroupBy(line => line.Host))
        {
            var last = -1.0;
            foreach (var line in host)
            {
                var match = StampedLine().Match(line.Text);
                Assert.True(match.Success, line.Text);
                var stamp = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                if (!line.Text.Contains("WireGuard 1.0.0 loaded", StringComparison.Ordinal)) Assert.True(stamp > last, line.Text);
                last = stamp;
            }
        }
    }

    [Fact]
    public void A_reboot_gives_the_same_peers_other_numbers()
    {
        var host = new FleetStory(1, 30, 5).Hosts[0];
        var before = host.Peers.Select(peer => peer.Number).ToArray();

        host.Reboot(TimeSpan.FromSeconds(1), new Random(5));

        Assert.NotEqual(before, host.Peers.Select(peer => peer.Number));
        Assert.Equal(before.Order(), host.Peers.Select(peer => peer.Number).Order());
    }

    [Theory]
    [InlineData("127.0.0.1:9999", "127.0.0.1", 9999)]
    [InlineData("collector:514", "collector", 514)]
    [InlineData("[::1]:9999", "::1", 9999)]
    public void A_target_is_a_host_and_a_port(string text, string host, int port) => Assert.Equal(new SyslogTarget(host, port, port), SyslogTarget.Parse(text));

    [Theory]
    [InlineData("collector")]
    [InlineData(":9999")]
    [InlineData("collector:0")]
    [InlineData("collector:65536")]
    [InlineData("::1:9999")]
    [InlineData("collector: 1")]
    public void Anything_else_is_no_target(string text) => Assert.Null(SyslogTarget.Parse(text));

    private static FleetStep[] Steps(int hosts = 3, int peers = 40, int seed = 1) => [.. new FleetStory(hosts, peers, seed).Steps().TakeWhile(step => step.At < TenMinutes)];

    private static LineOutcome Explain(string line) =>
        LineExplanation.Of(Encoding.ASCII.GetBytes($"<7>2026-11-22T12:57:54.123456+00:00 vpn-01 kernel: {line}"), new CollectorOptions(), 1_795_000_000_000_000, TimeProvider.System).Outcome;

    [GeneratedRegex(@"peer ([0-9]+)\b")]
    private static partial Regex PeerNumber();

    [GeneratedRegex(@"\] net_ratelimit: [0-9]+ callbacks suppressed$")]
    private static partial Regex SuppressedLine();

    [GeneratedRegex(@"handshake initiation from peer [0-9]+ \(\[2001:db8:[0-9a-f:]+\]:[0-9]+/0%0\)$")]
    private static partial Regex V6Handshake();

    // lib/vsprintf and kernel/printk: "[%5lu.%06lu] ".
    [GeneratedRegex(@"^\[( {0,4}[0-9]+\.[0-9]{6})\] (?:wireguard|net_ratelimit): ")]
    private static partial Regex StampedLine();
}
