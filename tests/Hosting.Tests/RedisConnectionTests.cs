using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Hosting.Tests;

public class RedisConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_connection_carries_the_service_name_and_uses_the_given_database()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var host = await TestHost.StartAsync(Config(redis) + "db = 3\n", SampleModules.Collector);
        var connection = host.Services.GetRequiredService<IConnectionMultiplexer>();

        await connection.GetDatabase().StringSetAsync("key", "value");

        Assert.Same(connection, host.Services.GetRequiredService<RedisConnection>().Multiplexer);
        var other = await redis.ConnectAsync();
        Assert.Contains(" name=wgmonitor-collector ", (string?)await other.GetDatabase().ExecuteAsync("CLIENT", "LIST"));
        Assert.Equal("value", await other.GetDatabase(3).StringGetAsync("key"));
    }

    [Fact]
    public async Task A_redis_that_freezes_and_restarts_makes_the_process_unready_and_ready_again()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        var module = new ServiceModule("sample", [], (services, _) => services.AddRedisReadiness());
        await using var host = await TestHost.StartAsync(Config(redis) + "command_timeout = \"200ms\"\n", module);
        await Wait.Until(() => IsReady(host), "redis answers");

        redis.Pause();
        await Wait.Until(async () => !await IsReady(host), "a frozen redis is noticed");
        Assert.Equal("ok\n", await host.Metrics.GetStringAsync("/healthz", Token));
        redis.Resume();
        await Wait.Until(() => IsReady(host), "redis goes on");

        await redis.KillAsync();
        await Wait.Until(async () => !await IsReady(host), "a killed redis is noticed");
        Assert.Equal("ok\n", await host.Metrics.GetStringAsync("/healthz", Token));
        await redis.StartAgainAsync();
        await Wait.Until(() => IsReady(host), "the connection mends itself");
        Assert.DoesNotContain("\nwgmonitor_redis_connection_failures_total 0\n", await host.Metrics.GetStringAsync("/metrics", Token));
    }

    [Fact]
    public async Task A_redis_that_comes_up_after_the_service_is_found()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await redis.StopAsync();
        var module = new ServiceModule("sample", [], (services, _) => services.AddRedisReadiness());
        await using var host = await TestHost.StartAsync(Config(redis) + "connect_timeout = \"200ms\"\n", module);
        Assert.False(await IsReady(host));

        await redis.StartAgainAsync();

        await Wait.Until(() => IsReady(host), "redis is found");
    }

    [Fact]
    public async Task A_redis_that_was_a_replica_when_the_service_started_is_used_soon_after_its_promotion()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        var server = (await redis.ConnectAsync()).GetServer(redis.Address);
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        var module = new ServiceModule("sample", [], (services, _) => services.AddRedisReadiness());
        await using var host = await TestHost.StartAsync(Config(redis), module);
        Assert.False(await IsReady(host));

        await server.ExecuteAsync("REPLICAOF", "NO", "ONE");

        await Wait.Until(() => IsReady(host), "redis is used");
    }

    private static string Config(RedisServer redis) => $"[metrics]\naddress = \"127.0.0.1:0\"\n[redis]\nhost = \"{redis.Host}\"\nport = {redis.Port}\n";

    private static async Task<bool> IsReady(TestHost host)
    {
        using var answer = await host.Metrics.GetAsync("/readyz", Token);
        return answer.IsSuccessStatusCode;
    }
}
