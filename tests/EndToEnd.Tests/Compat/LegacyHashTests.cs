using System.Globalization;
using System.Text;
using StackExchange.Redis;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Compat;

/// <summary>The hashes of the original tool follow the state of one host, whoever writes it.</summary>
public sealed class LegacyHashTests
{
    private const string Keep = "[compat]\nlegacy_hashes = true\nlegacy_host = \"vpn-01\"\n";

    private static ReadOnlyMemory<byte> Line(int second, string text, string host = "vpn-01") => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 2026-11-22T12:57:{second:D2}.000000+00:00 {host} kernel - - - [{100 + second}.000000] wireguard: wg0: {text}"));

    private static async Task SendAsync(Deployment product, params ReadOnlyMemory<byte>[] lines)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync(lines, datagrams => sender.SendAsync(datagrams, Pace.Messages(1_000)));
        await product.CaughtUpAsync("projector");
    }

    private static ReadOnlyMemory<byte>[] Handshake(int second, int peer, int keypair, string endpoint) =>
    [
        Line(second, $"Receiving handshake initiation from peer {peer} ({endpoint})"), Line(second, $"Sending handshake response to peer {peer} ({endpoint})"),
        Line(second, $"Keypair {keypair} created for peer {peer}"), Line(second + 1, $"Receiving keepalive packet from peer {peer} ({endpoint})"),
    ];

    private static async Task<string> HashAsync(Deployment product, int number) =>
        string.Join(", ", (await product.Connection.GetDatabase().HashGetAllAsync($"wireguard_peer:{number}")).OrderBy(field => field.Name.ToString(), StringComparer.Ordinal).Select(field => $"{field.Name}={field.Value}"));

    private static Task EqualAsync(Deployment product, int number, string expected) =>
        Wait.Until(async () => await HashAsync(product, number) == expected, $"wireguard_peer:{number} says {expected}");

    private static async Task RestartProjectorAsync(Deployment product)
    {
        await product.Projectors[0].KillAsync();
        product.Projectors[0].Start();
    }

    [Fact]
    public async Task One_host_has_them_in_the_originals_form_also_of_what_was_there_before_and_no_other()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        await SendAsync(product, [.. Handshake(10, 7, 1, "203.0.113.5:51820"), Line(12, "Receiving keepalive packet from peer 8 (198.51.100.9:4000)", "vpn-02")]);
        Assert.Equal("", await HashAsync(product, 7));

        await File.AppendAllTextAsync(Path.Combine(product.Directory, "config.toml"), $"\n{Keep}", TestContext.Current.CancellationToken);
        await RestartProjectorAsync(product);
        await EqualAsync(product, 7, "handshake=2026-11-22 12:57:11, ip=203.0.113.5, keepalive=2026-11-22 12:57:11, port=51820");
        await SendAsync(product, Line(20, "Receiving keepalive packet from peer 17 ([2001:db8::1]:51821/0%0)"), Line(21, "Peer 18 created"), Line(22, "Receiving keepalive packet from peer 7 (203.0.113.6:51820)"));
        await EqualAsync(product, 7, "handshake=2026-11-22 12:57:11, ip=203.0.113.6, keepalive=2026-11-22 12:57:22, port=51820");
        await EqualAsync(product, 17, "ip=2001:db8::1, keepalive=2026-11-22 12:57:20, port=51821");
        Assert.Equal("", await HashAsync(product, 8) + await HashAsync(product, 18));

        // A gone peer keeps its hash; the next of its number takes it over, and nothing of the old one stays beside.
        await SendAsync(product, Line(30, "Peer 7 (203.0.113.6:51820) destroyed"));
        await EqualAsync(product, 7, "handshake=2026-11-22 12:57:11, ip=203.0.113.6, keepalive=2026-11-22 12:57:22, port=51820");
        await SendAsync(product, Encoding.ASCII.GetBytes("<7>1 2026-11-22T13:10:00.000000+00:00 vpn-01 kernel - - - [5.000000] wireguard: wg0: Receiving handshake initiation from peer 7 (192.0.2.9:1024)"));
        await EqualAsync(product, 7, "ip=192.0.2.9, port=1024");
    }

    [Fact]
    public async Task A_key_of_another_type_is_left_alone_and_keeps_nobody_from_the_others()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, routes: Keep);
        var database = product.Connection.GetDatabase();
        await database.StringSetAsync("wireguard_peer:7", "mine");

        await SendAsync(product, Line(10, "Receiving keepalive packet from peer 7 (203.0.113.5:51820)"), Line(10, "Receiving keepalive packet from peer 8 (203.0.113.8:51820)"));
        await EqualAsync(product, 8, "ip=203.0.113.8, keepalive=2026-11-22 12:57:10, port=51820");
        await database.KeyDeleteAsync("wireguard_peer:8");
        await RestartProjectorAsync(product);
        await EqualAsync(product, 8, "ip=203.0.113.8, keepalive=2026-11-22 12:57:10, port=51820");

        Assert.Equal("mine", await database.StringGetAsync("wireguard_peer:7"));
        Assert.Contains("wireguard_peer:7", product.Projectors[0].Process.Output);
        Assert.Equal(2, (await product.PeersAsync()).Count);
    }

    [Fact]
    public async Task They_are_those_of_the_state_after_kills_a_frozen_owner_a_rebuild_and_a_rollback()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, replicas: 2, partitions: 1, routes: Keep);
        await SendAsync(product, Handshake(10, 7, 1, "203.0.113.5:51820"));
        var second = 12;

        // Each of the two is frozen once, whoever owns: the other goes on, and the one that wakes up changes nothing.
        foreach (var frozen in product.Projectors)
        {
            frozen.Process.Pause();
            await SendAsync(product, Line(++second, $"Receiving keepalive packet from peer 7 (203.0.113.{second}:51820)"));
            await EqualAsync(product, 7, $"handshake=2026-11-22 12:57:11, ip=203.0.113.{second}, keepalive=2026-11-22 12:57:{second}, port=51820");
            frozen.Process.Resume();
            await frozen.ReadyAsync();
        }
        foreach (var killed in product.Projectors)
        {
            await SendAsync(product, Line(++second, $"Receiving keepalive packet from peer 7 (203.0.113.{second}:51820)"));
            await killed.KillAsync();
            killed.Start();
        }
        await product.CaughtUpAsync("projector");
        await AssertIsStateAsync(product, 0);

        // What somebody wrote over them is put right at the next take-over, by a rebuild that finds the state wrong as well.
        await product.Connection.GetDatabase().HashSetAsync("wireguard_peer:7", "ip", "192.0.2.66");
        await product.Connection.GetDatabase().KeyDeleteAsync(StateKeys.Projector(product.Keys).Peer(0, "vpn-01", new PeerId(1, 7)));
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--accept-differences")).ExitCode);
        await AssertIsStateAsync(product, 1);
        await SendAsync(product, Line(++second, $"Receiving keepalive packet from peer 7 (203.0.113.{second}:51820)"));
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--rollback")).ExitCode);
        await product.CaughtUpAsync("projector");
        await AssertIsStateAsync(product, 0);
    }

    /// <summary>By way of the named fields of the peer's own hash.</summary>
    private static async Task AssertIsStateAsync(Deployment product, int generation)
    {
        var key = StateKeys.Projector(product.Keys, generation).Peer(0, "vpn-01", new PeerId(1, 7));
        static string Time(RedisValue microseconds) => DateTime.UnixEpoch.AddMicroseconds((long)microseconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        await Wait.Until(async () =>
        {
            var peer = (await product.Connection.GetDatabase().HashGetAllAsync(key)).ToDictionary(field => field.Name.ToString(), field => field.Value);
            if (peer.Count == 0) return false;
            var handshake = peer["last_handshake"] == 0 ? "" : $"handshake={Time(peer["last_handshake"])}, ";
            return await HashAsync(product, 7) == $"{handshake}ip={peer["ip"]}, keepalive={Time(peer["last_keepalive"])}, port={peer["port"]}";
        }, "the hash says what the state says");
    }

    [Fact]
    public async Task Without_a_host_or_in_a_cluster_it_does_not_start()
    {
        using var directory = new TempDirectory();
        directory.Write("config.toml", "[compat]\nlegacy_hashes = true\n");
        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["check-config"]);
        Assert.Equal(78, exitCode);
        Assert.StartsWith("config.toml:1:1 compat.legacy_host: is missing: the keys wireguard_peer:N hold the kernel's number of a peer alone", error, StringComparison.Ordinal);

        await using var cluster = await RedisCluster.StartAsync();
        directory.Write("config.toml", $"[redis]\n{cluster.Toml}\n{Keep}");
        await using var projector = WgMonitorProgram.Start(directory.Path, ["run", "projector", "--config", "config.toml"], new Dictionary<string, string?> { ["WGMONITOR__METRICS__ADDRESS"] = "127.0.0.1:0" });

        Assert.Equal(78, await projector.ExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("compat.legacy_hashes cannot be kept in a Redis Cluster", projector.Output);
    }
}
