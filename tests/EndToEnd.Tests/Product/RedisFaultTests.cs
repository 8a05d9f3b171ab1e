using System.Text;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Redis freezes, forgets everything, becomes a replica, or hands entries to somebody else, under running services.</summary>
public sealed class RedisFaultTests
{
    private static ReadOnlyMemory<byte> Line(int second, string endpoint) => Encoding.ASCII.GetBytes(
        $"<7>1 2026-11-22T13:00:{second:00}.000000+00:00 vpn-01 kernel - - - [{100 + second}.000000] wireguard: wg0: Receiving keepalive packet from peer 7 ({endpoint})");

    private static async Task SendAsync(Deployment product, SyslogSender sender, int second, string endpoint) =>
        await product.SendAsync([Line(second, endpoint)], datagrams => sender.SendAsync(datagrams));

    private static async Task ShowsAsync(Deployment product, string ip) => await Wait.Until(
        async () => (await product.PeersAsync()) is [var peer] && peer.GetProperty("endpoint").GetProperty("ip").GetString() == ip, $"the API shows {ip}", TimeSpan.FromSeconds(40));

    [Fact]
    public async Task An_entry_that_somebody_else_read_is_applied_although_nothing_follows_it()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        await SendAsync(product, sender, 1, "203.0.113.1:1");
        await ShowsAsync(product, "203.0.113.1");

        // As a former owner does whose read was on its way when it lost the partition.
        var partition = Partitioner.PartitionOf("vpn-01"u8, product.Partitions);
        product.Projectors[0].Process.Pause();
        await SendAsync(product, sender, 2, "203.0.113.2:2");
        var stolen = await product.Connection.GetDatabase().StreamReadGroupAsync(product.Keys.Events(partition), "projector", StreamKeys.Slot(partition), ">");
        product.Projectors[0].Process.Resume();

        Assert.Single(stolen);
        await ShowsAsync(product, "203.0.113.2");
    }

    [Fact]
    public async Task A_redis_that_freezes_ends_no_service_and_loses_no_line()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        await SendAsync(product, sender, 1, "203.0.113.1:1");
        await ShowsAsync(product, "203.0.113.1");

        redis.Pause();
        await sender.SendAsync([Line(2, "203.0.113.2:2")]);
        // Longer than every time-out towards Redis.
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        Assert.All(product.All, service => Assert.False(service.Process.HasExited, service.Name));
        redis.Resume();

        await ShowsAsync(product, "203.0.113.2");
        Assert.All(product.All, service => Assert.False(service.Process.HasExited, service.Name));
        Assert.Equal(2, await product.EntriesAsync());
    }

    [Fact]
    public async Task A_redis_that_forgot_everything_is_used_again_and_nothing_is_taken_for_a_move()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        await SendAsync(product, sender, 1, "203.0.113.1:1");
        await ShowsAsync(product, "203.0.113.1");

        await product.Connection.GetDatabase().ExecuteAsync("FLUSHALL");
        await sender.SendAsync([Line(2, "203.0.113.2:2")]);

        await ShowsAsync(product, "203.0.113.2");
        await product.CaughtUpAsync("notifier", TimeSpan.FromSeconds(40));
        Assert.Empty(await ReferenceFold.OutboxAsync(product.Connection, product.Keys, product.Partitions));
        await Wait.Until(async () => await product.Connection.GetDatabase().HashGetAsync(product.Keys.Meta, "partitions") == product.Partitions, "the number of partitions is recorded again", TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task While_redis_is_a_replica_no_service_is_ready_and_afterwards_nothing_is_missing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        await SendAsync(product, sender, 1, "203.0.113.1:1");
        await ShowsAsync(product, "203.0.113.1");

        var server = product.Connection.GetDatabase();
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await sender.SendAsync([Line(2, "203.0.113.2:2")]);
        foreach (var service in product.All)
            await Wait.Until(async () => !await service.IsReadyAsync(), $"{service.Name} is not ready", TimeSpan.FromSeconds(20));
        await server.ExecuteAsync("REPLICAOF", "NO", "ONE");

        await ShowsAsync(product, "203.0.113.2");
        foreach (var service in product.All) await service.ReadyAsync();
    }
}
