using System.Text;
using System.Text.Json;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary><c>wgmonitor replay</c> beside running services: what it makes from the log is what one thread makes of it, whatever happens meanwhile.</summary>
public sealed class ReplayTests
{
    private const int Kills = 20;

    private static readonly int FlowLinesPerSecond = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_REPLAY_LINES_PER_SECOND"), out var lines) ? lines : 1_000;

    /// <summary>Recorded lines as those of a host; returns when they stand in the log.</summary>
    internal static async Task SendRecordedAsync(Deployment product, string host, params string[] runs)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        foreach (var run in runs.Select(Corpus.Run))
        {
            var lines = run.Datagrams(SyslogTemplate.SyslogProtocol23).Where(datagram => Encoding.Latin1.GetString(datagram.Bytes.Span).Contains("wireguard: "))
                .Select(datagram => KillTests.Renamed(datagram.Bytes, run.Hostname, host)).ToList();
            await product.SendAsync(lines, datagrams => sender.SendAsync(datagrams, Pace.Messages(3_000)));
        }
    }

    internal static async Task CaughtUpAsync(Deployment product)
    {
        await product.CaughtUpAsync("projector", TimeSpan.FromMinutes(1));
        await product.CaughtUpAsync("notifier", TimeSpan.FromMinutes(1));
    }

    private static async Task SendAsync(Deployment product, string host, params string[] runs)
    {
        await SendRecordedAsync(product, host, runs);
        await CaughtUpAsync(product);
    }

    internal static async Task<(int ExitCode, List<JsonElement> Partitions, string Error)> ReplayAsync(Deployment product, params string[] arguments)
    {
        await using var replay = product.Command(["replay", "--output", "json", .. arguments]);
        var exitCode = await replay.ExitAsync(TimeSpan.FromMinutes(2));
        return (exitCode, replay.StandardOutput.Length == 0 ? [] : [.. JsonDocument.Parse(replay.StandardOutput).RootElement.EnumerateArray()], replay.StandardError);
    }

    private static async Task<long> KeysAsync(Deployment product, string pattern)
    {
        var server = product.Connection.GetServer(product.Connection.GetEndPoints()[0]);
        return await server.KeysAsync(pattern: $"wgmonitor:{{p?}}:{pattern}").CountAsync();
    }

    [Fact]
    public async Task A_rebuild_equals_the_live_state_and_takes_its_place_without_a_word_to_anybody()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await Deployment.StartAsync(redis, routes: AlertTests.Webhook(receiver));
        await SendAsync(product, "vpn-1", "A", "C-part1");
        await SendAsync(product, "vpn-2", "A");
        var delivered = (await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions)).Alerts.Count;
        await Wait.Until(() => AlertTests.DeliveredIds(receiver).Count >= delivered, "alerts are delivered");
        var requests = receiver.Requests.Count;
        var peers = (await product.PeersAsync()).Select(peer => peer.ToString()).ToList();

        var verified = await ReplayAsync(product, "--verify");
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.All(verified.Partitions, partition => Assert.Equal("verified", partition.GetProperty("outcome").GetString()));
        Assert.Equal(0, await KeysAsync(product, "g1:*"));

        var switched = await ReplayAsync(product);
        Assert.Equal((0, ""), (switched.ExitCode, switched.Error));
        Assert.All(switched.Partitions, partition => Assert.Equal("switched", partition.GetProperty("outcome").GetString()));
        Assert.All(switched.Partitions, partition => Assert.Equal(partition.GetProperty("live_digest").GetString(), partition.GetProperty("rebuilt_digest").GetString()));
        Assert.Equal(peers, (await product.PeersAsync()).Select(peer => peer.ToString()));
        Assert.Equal(requests, receiver.Requests.Count);

        // The new generation is what is written from now on; the old one stays as it was, until it goes.
        await SendAsync(product, "vpn-3", "A");
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, 2), product.Partitions));
        Assert.Contains("--finalize", (await ReplayAsync(product)).Error);
        Assert.Equal(0, (await ReplayAsync(product, "--finalize")).ExitCode);
        Assert.Equal(0, await KeysAsync(product, "peer:*") + await KeysAsync(product, "host:*") + await KeysAsync(product, "checkpoint:rebuild*"));
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, 2), product.Partitions));
    }

    [Fact]
    public async Task A_live_state_that_is_wrong_is_told_and_replaced_on_demand_and_can_be_gone_back_to()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        await SendAsync(product, "vpn-1", "A");
        var database = product.Connection.GetDatabase();
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, 1);
        await database.KeyDeleteAsync(StateKeys.Projector(product.Keys).Peer(0, "vpn-1", new PeerId(1, 1)));

        var (exitCode, partitions, _) = await ReplayAsync(product);
        Assert.Equal(1, exitCode);
        Assert.Equal("different", partitions[0].GetProperty("outcome").GetString());
        Assert.Contains(partitions[0].GetProperty("differences").EnumerateArray(), line => line.GetString()!.StartsWith("vpn-1/1/1: live [none], rebuilt [peer vpn-1 1 1 ", StringComparison.Ordinal));
        Assert.Equal(0, (await ReplayAsync(product, "--accept-differences")).ExitCode);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, 2), 1));

        await SendAsync(product, "vpn-2", "A");
        Assert.Equal(0, (await ReplayAsync(product, "--rollback")).ExitCode);
        await product.CaughtUpAsync("projector");
        reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, 1);
        var differences = (await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), 1)).Split('\n');
        Assert.Contains(differences, line => line.StartsWith("expected peer vpn-1 1 1 ", StringComparison.Ordinal));
        Assert.All(differences, line => Assert.Contains(" vpn-1 ", line));
    }

    [Fact]
    public async Task What_is_trimmed_is_in_the_base_snapshot()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, stream: "trim_interval = \"1d\"\nretention_entries_max = 300");
        foreach (var host in new[] { "vpn-1", "vpn-2", "vpn-3" }) await SendAsync(product, host, "A");
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions);
        var before = await product.EntriesAsync();

        product.Configure("trim_interval = \"50ms\"\nretention_entries_max = 300");
        await product.Projectors[0].KillAsync();
        product.Projectors[0].Start();
        // Whole nodes of a stream go, 100 entries each.
        await Wait.Until(async () => await product.EntriesAsync() <= 400 * product.Partitions, "the log is trimmed");
        Assert.True(before > 1_000 + await product.EntriesAsync(), $"{before} entries before");

        var (exitCode, partitions, error) = await ReplayAsync(product);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(partitions, partition => partition.GetProperty("from").GetString() != "0-0");
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, 1), product.Partitions));
    }

    [Fact]
    public async Task Without_the_base_snapshot_of_a_trimmed_log_it_says_so_and_switches_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        await SendAsync(product, "vpn-1", "A");
        await product.Connection.GetDatabase().StreamTrimAsync(product.Keys.Events(0), 100);

        var (exitCode, partitions, _) = await ReplayAsync(product);

        Assert.Equal(1, exitCode);
        Assert.Equal("incomplete", partitions[0].GetProperty("outcome").GetString());
        Assert.False(partitions[0].GetProperty("complete").GetBoolean());
        Assert.Equal(0, (await ReplayAsync(product, "--allow-incomplete", "--accept-differences")).ExitCode);
    }

    [Fact]
    public async Task Killed_at_random_points_while_lines_flow_and_started_twice_it_is_right_in_the_end()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await Deployment.StartAsync(
            redis, routes: AlertTests.Webhook(receiver), partitions: 2, stream: "trim_interval = \"200ms\"\nretention_entries_max = 5000000");
        await SendAsync(product, "vpn-1", "A", "D-server");
        using var stop = new CancellationTokenSource();
        var flow = KillTests.FlowAsync(product, stop.Token, linesPerSecond: FlowLinesPerSecond);

        for (var round = 0; round < Kills; round++)
        {
            await using var replay = product.Command("replay", "--events-per-second", "20000");
            await using var second = round % 5 == 0 ? product.Command("replay", "--events-per-second", "20000") : null;
            await Task.Delay(random.Next(100, 2_000), TestContext.Current.CancellationToken);
            if (!replay.HasExited) replay.Kill();
            if (second is { HasExited: false }) second.Kill();
            if (round % 4 == 3) await ReplayAsync(product, "--finalize");
        }
        await stop.CancelAsync();
        await flow;
        await product.AppendedSettledAsync();
        await CaughtUpAsync(product);
        await ReplayAsync(product, "--finalize");
        var (exitCode, partitions, error) = await ReplayAsync(product);

        Assert.Equal((0, ""), (exitCode, error));
        var reference = await product.EqualsReferenceAsync(partition => StateKeys.Projector(product.Keys, partitions[partition].GetProperty("generation").GetInt32()), TimeSpan.FromMinutes(1));
        TestContext.Current.TestOutputHelper?.WriteLine($"{reference.Events} events at {FlowLinesPerSecond} lines a second, {Kills} kills, {reference.Alerts.Count} alerts, {receiver.Requests.Count} calls of the webhook");
        var expected = reference.Alerts.Select(alert => alert.Id).ToHashSet();
        await Wait.Until(() => expected.SetEquals(AlertTests.DeliveredIds(receiver)), "every alert is delivered, and no other", TimeSpan.FromMinutes(1));
        Assert.Equal(expected.Count, receiver.Requests.Count);
    }
}
