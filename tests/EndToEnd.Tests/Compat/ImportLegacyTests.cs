using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Compat;

/// <summary><c>wgmonitor import-legacy</c>: what the original tool knew is known from the first day, and nothing more than that.</summary>
public sealed class ImportLegacyTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static HashEntry[] Hash(params string[] fields) => [.. fields.Select(field => field.Split('=')).Select(pair => new HashEntry(pair[0], pair[1]))];

    private static async Task<(int ExitCode, JsonElement Counts, string Error)> ImportAsync(Deployment product, params string[] arguments)
    {
        await using var import = product.Command(["import-legacy", "--output", "json", .. arguments]);
        var exitCode = await import.ExitAsync(TimeSpan.FromMinutes(1));
        return (exitCode, import.StandardOutput.Length == 0 ? default : JsonDocument.Parse(import.StandardOutput).RootElement, import.StandardError);
    }

    private static (int Peers, int Appended, int Already, int OtherTypes, int Broken) Numbers(JsonElement counts)
    {
        int Of(string name) => counts.GetProperty(name).GetInt32();
        return (Of("peers"), Of("appended"), Of("already"), Of("other_types"), Of("broken"));
    }

    private static Task<JsonElement> PeerAsync(Deployment product, int number) => Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{product.ApiPort}/api/v1/peers/vpn-01%2F{number}"));

    private static async Task CaughtUpAsync(Deployment product)
    {
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
    }

    [Fact]
    public async Task Its_hashes_become_peers_once_without_an_alert_and_the_first_line_from_elsewhere_is_one()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await Deployment.StartAsync(redis, routes: AlertTests.Webhook(receiver));
        var originals = product.Connection.GetDatabase(3);
        // As hmset writes them there; the first two were seen, the third only by keepalives.
        await originals.HashSetAsync("wireguard_peer:1", Hash("handshake=2026-11-20 08:00:01", "ip=203.0.113.5", "port=51820", "keepalive=2026-11-20 08:01:02"));
        await originals.HashSetAsync("wireguard_peer:2", Hash("handshake=2026-11-20 09:00:00", "ip=[2001:db8::1]", "port=51820/0%0"));
        await originals.HashSetAsync("wireguard_peer:3", Hash("keepalive=2026-11-20 08:01:02"));
        await originals.HashSetAsync("wireguard_peer:4", Hash("handshake=soon", "ip=203.0.113.5", "port=51820"));
        await originals.HashSetAsync("wireguard_peer:x", Hash("handshake=2026-11-20 09:00:00"));
        await originals.StringSetAsync("wireguard_peer:5", "no hash");
        await originals.StringSetAsync("another", "key");
        string[] arguments = ["--host", "VPN-01", "--interface", "wg0", "--from", $"redis://{redis.Address}/3"];

        var first = await ImportAsync(product, arguments);
        var second = await ImportAsync(product, arguments);
        await CaughtUpAsync(product);

        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal((3, 3, 0, 1, 2), Numbers(first.Counts));
        Assert.Equal((3, 0, 3, 1, 2), Numbers(second.Counts));
        Assert.Equal(3, await product.EntriesAsync());
        var peer = await PeerAsync(product, 1);
        Assert.Equal(("wg0", "203.0.113.5", 51820, "udp"), (peer.GetProperty("interface").GetString(), peer.GetProperty("endpoint").GetProperty("ip").GetString(), peer.GetProperty("endpoint").GetProperty("port").GetInt32(), peer.GetProperty("trust").GetString()));
        Assert.Equal(("2026-11-20T08:00:01+00:00", "2026-11-20T08:01:02+00:00"), (peer.GetProperty("last_handshake").GetString(), peer.GetProperty("last_keepalive").GetString()));
        Assert.Equal((false, "unknown", JsonValueKind.Null), (peer.GetProperty("complete").GetBoolean(), peer.GetProperty("status").GetString(), peer.GetProperty("first_seen").ValueKind));
        Assert.Equal("2001:db8::1", (await PeerAsync(product, 2)).GetProperty("endpoint").GetProperty("ip").GetString());
        Assert.Equal(JsonValueKind.Null, (await PeerAsync(product, 3)).GetProperty("endpoint").ValueKind);
        Assert.Empty(await ReferenceFold.OutboxAsync(product.Connection, product.Keys, product.Partitions));

        await SendAsync(product, "Receiving handshake initiation from peer 1 (203.0.113.5:51820)", "Receiving handshake initiation from peer 2 (198.51.100.9:4000)");
        await CaughtUpAsync(product);

        var alert = Assert.Single((await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions)).Alerts);
        Assert.Equal(("[2001:db8::1]:51820", "198.51.100.9:4000"), ($"{alert.OldEndpoint}", $"{alert.NewEndpoint}"));
        Assert.Equal([alert.Id], await ReferenceFold.OutboxAsync(product.Connection, product.Keys, product.Partitions));
        await Wait.Until(() => AlertTests.DeliveredIds(receiver).SequenceEqual([alert.Id]), "the alert is delivered");
        var state = await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions);
        Assert.Equal("", await state.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), product.Partitions));
        // A rebuild comes to the same.
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--verify")).ExitCode);
    }

    private static async Task SendAsync(Deployment product, params string[] lines)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        var before = await product.EntriesAsync();
        await product.SendAsync(
            [.. lines.Select(line => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"<7>1 2026-11-22T12:57:00.000000+00:00 vpn-01 kernel - - - [999999.000000] wireguard: wg0: {line}"))],
            datagrams => sender.SendAsync(datagrams, Pace.Messages(1_000)));
        // What was imported is no event of the collector's, so its counters do not tell.
        await Wait.Until(async () => await product.EntriesAsync() == before + lines.Length, "the lines stand in the log");
    }

    [Fact]
    public async Task Hashes_that_are_kept_in_step_can_be_those_that_are_read()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, routes: "[compat]\nlegacy_hashes = true\nlegacy_host = \"vpn-01\"\n", collector: "interfaces = [\"wg0\"]");
        var database = product.Connection.GetDatabase();
        await database.HashSetAsync("wireguard_peer:1", Hash("handshake=2026-11-20 08:00:01", "ip=203.0.113.5", "port=51820", "keepalive=2026-11-20 08:01:02"));
        for (var number = 2; number <= 1_200; number++)
            await database.HashSetAsync($"wireguard_peer:{number}", Hash("handshake=2026-11-20 08:00:01", "ip=203.0.113.6", string.Create(CultureInfo.InvariantCulture, $"port={number}")), CommandFlags.FireAndForget);

        var (exitCode, counts, error) = await ImportAsync(product);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal((1_200, 1_200, 0, 0, 0), Numbers(counts));
        await CaughtUpAsync(product);
        await SendAsync(product, "Receiving keepalive packet from peer 1 (203.0.113.7:51820)");
        await CaughtUpAsync(product);

        Assert.Equal(
            ["handshake=2026-11-20 08:00:01", "ip=203.0.113.7", "keepalive=2026-11-22 12:57:00", "port=51820"],
            (await database.HashGetAllAsync("wireguard_peer:1")).Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(1_200, (await product.PeersAsync()).Count);
        Assert.Equal("1200", await database.HashGetAsync("wireguard_peer:1200", "port"));
    }

    [Fact]
    public async Task A_right_that_the_user_of_redis_lacks_is_named()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await RedisCluster.CommandAsync(redis, "ACL", "SETUSER", "wg", "on", ">secret", $"~{redis.KeyPrefix}:*", $"&{redis.KeyPrefix}:*", "+@all", "-@dangerous", "+info");
        await RedisCluster.CommandAsync(redis, "HSET", "wireguard_peer:1", "ip", "203.0.113.5", "port", "51820");
        using var directory = new TempDirectory();
        directory.Write("config.toml", $"[redis]\nurl = \"redis://wg:secret@{redis.Address}\"\n[stream]\nprefix = \"{redis.KeyPrefix}\"\n");

        var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["import-legacy", "--host", "vpn-01", "--interface", "wg0"]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"Besides ~{redis.KeyPrefix}:* it needs ~wireguard_peer:*", error);
        Assert.DoesNotContain("secret", error);
    }

    [Fact]
    public async Task It_says_what_it_needs()
    {
        await using var redis = await RedisServer.StartAsync();
        using var directory = new TempDirectory();
        directory.Write("config.toml", $"[redis]\nurl = \"redis://{redis.Address}\"\n[stream]\nprefix = \"{redis.KeyPrefix}\"\n");

        Assert.Equal((1, "Say whose peers these are: their numbers name neither host nor device. Give --host and --interface.\n"), await RefusedAsync("--host", "vpn-01"));
        Assert.Equal((1, "\"a b\" is no host name: --host takes 1 to 255 letters, digits and . - _, or an address.\n"), await RefusedAsync("--host", "a b", "--interface", "wg0"));
        Assert.Equal((1, "\"wg 0\" is no device: --interface takes 1 to 15 letters, digits and _ = + . -\n"), await RefusedAsync("--host", "a", "--interface", "wg 0"));
        Assert.Equal((1, "--from takes redis://[user[:password]@]host[:port][/db], rediss://… or unix:///path/redis.sock.\n"), await RefusedAsync("--host", "a", "--interface", "wg0", "--from", "http://127.0.0.1"));

        var help = await WgMonitorProgram.RunAsync(directory.Path, ["import-legacy", "--help"]);
        Assert.Equal(0, help.ExitCode);
        Assert.All(["--host", "--interface", "--from"], option => Assert.Contains(option, help.Output));

        async Task<(int, string)> RefusedAsync(params string[] arguments)
        {
            var (exitCode, _, error) = await WgMonitorProgram.RunAsync(directory.Path, ["import-legacy", .. arguments]);
            return (exitCode, error);
        }
    }
}
