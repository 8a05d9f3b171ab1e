using System.Text;
using StackExchange.Redis;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What others put into Redis or into the log costs what it touches, and no more; also across a restart.</summary>
public sealed class BoundsTests
{
    private static ReadOnlyMemory<byte> Keepalive(string host, int second, int peer, string ip = "203.0.113.5") =>
        Encoding.ASCII.GetBytes($"<7>1 2026-11-22T13:00:{second:00}.000000+00:00 {host} kernel - - - [{100 + second}.000000] wireguard: wg0: Receiving keepalive packet from peer {peer} ({ip}:51820)");

    private static async Task SendAsync(Deployment product, params ReadOnlyMemory<byte>[] lines)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync(lines, datagrams => sender.SendAsync(datagrams, Pace.Messages(2_000)));
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
    }

    private static async Task RestartAsync(Deployment product)
    {
        foreach (var service in product.Projectors.Concat(product.Notifiers))
        {
            await service.KillAsync();
            service.Start();
        }
        foreach (var service in product.Projectors.Concat(product.Notifiers)) await service.ReadyAsync();
    }

    private static async Task<IEnumerable<string>> PeersAsync(Deployment product) =>
        (await product.PeersAsync()).Select(peer => $"{peer.GetProperty("id").GetString()} {peer.GetProperty("endpoint").GetProperty("ip").GetString()}");

    [Fact]
    public async Task A_key_that_holds_something_else_hides_one_peer_and_stops_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        var database = product.Connection.GetDatabase();
        await SendAsync(product, [.. Enumerable.Range(1, 4).Select(peer => Keepalive("vpn-01", peer, peer)), Keepalive("vpn-02", 5, 1)]);
        foreach (var keys in new[] { StateKeys.Projector(product.Keys), StateKeys.Notifier(product.Keys) })
        {
            await database.KeyDeleteAsync(keys.Peer(0, "vpn-01", new PeerId(1, 1)));
            await database.StringSetAsync(keys.Peer(0, "vpn-01", new PeerId(1, 1)), "x");
            await database.HashSetAsync(keys.Peer(0, "vpn-01", new PeerId(1, 2)), "state", "{");
            await database.HashSetAsync(keys.Host(0, "vpn-02"), "state", "{");
        }

        Assert.Equal(["vpn-01/1/3 203.0.113.5", "vpn-01/1/4 203.0.113.5", "vpn-02/1/1 203.0.113.5"], await PeersAsync(product));
        Assert.True(await product.Api.MetricAsync("wgmonitor_api_unreadable_keys_total") >= 3);

        await RestartAsync(product);
        await SendAsync(product, [.. Enumerable.Range(1, 3).Select(peer => Keepalive("vpn-01", 20 + peer, peer, "198.51.100.7")), Keepalive("vpn-02", 25, 1, "198.51.100.7")]);

        Assert.Equal(["vpn-01/1/2 198.51.100.7", "vpn-01/1/3 198.51.100.7", "vpn-01/1/4 203.0.113.5", "vpn-02/1/1 198.51.100.7"], await PeersAsync(product));
        Assert.Equal("x", await database.StringGetAsync(StateKeys.Projector(product.Keys).Peer(0, "vpn-01", new PeerId(1, 1))));
        Assert.True(await product.Projectors[0].MetricAsync("wgmonitor_projector_wrong_type_total") >= 4);
        Assert.True(await product.Notifiers[0].MetricAsync("wgmonitor_notifier_wrong_type_total") >= 4);
        Assert.Equal(2, (await ReferenceFold.OutboxAsync(product.Connection, product.Keys, 1)).Count);
    }

    [Fact]
    public async Task Invented_hosts_are_refused_beyond_the_limit_and_known_ones_go_on()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, routes: "[state]\nhosts_max = 3\npeers_per_host_max = 2", partitions: 1);
        await SendAsync(product, [.. Enumerable.Range(1, 6).Select(host => Keepalive($"vpn-{host:00}", host, 1)), Keepalive("vpn-01", 7, 2), Keepalive("vpn-01", 8, 3)]);

        await RestartAsync(product);
        await SendAsync(product, [.. Enumerable.Range(1, 6).Select(host => Keepalive($"vpn-{host:00}", 20 + host, 1, "198.51.100.7"))]);

        Assert.Equal(["vpn-01/1/1 198.51.100.7", "vpn-01/1/2 203.0.113.5", "vpn-02/1/1 198.51.100.7", "vpn-03/1/1 198.51.100.7"], await PeersAsync(product));
        foreach (var keys in new[] { StateKeys.Projector(product.Keys), StateKeys.Notifier(product.Keys) })
            Assert.Equal(["vpn-01", "vpn-02", "vpn-03"], (await product.Connection.GetDatabase().SortedSetRangeByRankAsync(keys.HostIndex(0))).Select(host => host.ToString()));
        Assert.Equal(3, await product.Projectors[0].MetricAsync("wgmonitor_projector_hosts_refused_total"));
        Assert.Equal(3, await product.Notifiers[0].MetricAsync("wgmonitor_notifier_hosts_refused_total"));
        Assert.Equal(3, (await ReferenceFold.OutboxAsync(product.Connection, product.Keys, 1)).Count);
    }
}
