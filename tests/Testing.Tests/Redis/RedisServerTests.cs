using StackExchange.Redis;
using Xunit;

namespace WgMonitor.Testing.Tests.Redis;

public sealed class RedisServerTests
{
    [Fact]
    public async Task Data_written_before_a_stop_is_there_after_the_start()
    {
        await using RedisServer redis = await RedisServer.StartAsync(ownProcess: true);
        int port = redis.Port;
        IDatabase database = (await redis.ConnectAsync(o => o.AbortOnConnectFail = false)).GetDatabase();
        await database.StringSetAsync("k", "v");

        await redis.RestartAsync();

        Assert.Equal(port, redis.Port);
        Assert.Equal("v", await (await redis.ConnectAsync()).GetDatabase().StringGetAsync("k"));
    }

    [Fact]
    public async Task A_killed_server_starts_again_in_the_same_directory()
    {
        await using RedisServer redis = await RedisServer.StartAsync(ownProcess: true, "--appendfsync", "always");
        int before = redis.ProcessId;
        await (await redis.ConnectAsync()).GetDatabase().StringSetAsync("k", "v");

        await redis.RestartAsync(kill: true);

        Assert.NotEqual(before, redis.ProcessId);
        Assert.Equal("v", await (await redis.ConnectAsync()).GetDatabase().StringGetAsync("k"));
    }

    /// <summary>A plain start would bring the half of it back at the next one.</summary>
    [Fact]
    public async Task A_transaction_that_a_killed_server_wrote_half_never_comes_back()
    {
        await using RedisServer redis = await RedisServer.StartAsync(ownProcess: true, "--appendfsync", "always");
        await (await redis.ConnectAsync()).GetDatabase().ScriptEvaluateAsync("redis.call('SET', 'before', 1) redis.call('SET', 'too', 1)");
        await redis.KillAsync();
        UnfinishedTransaction.AppendTo(redis.DataDirectory);

        await redis.StartAgainAsync();
        await (await redis.ConnectAsync()).GetDatabase().ScriptEvaluateAsync("redis.call('SET', 'after', 1) redis.call('SET', 'too', 2)");
        await redis.RestartAsync(kill: true);

        Assert.Equal(["after", "before", "too"], (await redis.ConnectAsync()).GetServer(redis.Address).Keys().Select(key => (string)key!).Order());
    }

    [Fact]
    public async Task Persistence_and_eviction_are_set_as_the_product_needs_them()
    {
        await using RedisServer redis = await RedisServer.StartAsync(ownProcess: true, "--maxmemory", "64mb");
        IServer server = (await redis.ConnectAsync()).GetServer(redis.Address);

        var settings = (await server.ConfigGetAsync("*")).ToDictionary(x => x.Key, x => x.Value);

        Assert.Equal("yes", settings["appendonly"]);
        Assert.Equal("everysec", settings["appendfsync"]);
        Assert.Equal("noeviction", settings["maxmemory-policy"]);
        Assert.Equal("", settings["save"]);
        Assert.Equal("67108864", settings["maxmemory"]);
    }

    [Fact]
    public async Task A_paused_server_answers_only_after_resume()
    {
        await using RedisServer redis = await RedisServer.StartAsync(ownProcess: true);
        ConnectionMultiplexer connection = await redis.ConnectAsync();

        redis.Pause();
        Task<TimeSpan> ping = connection.GetDatabase().PingAsync();
        Assert.NotSame(ping, await Task.WhenAny(ping, Task.Delay(200)));
        redis.Resume();

        await ping;
    }

    [Fact]
    public async Task Ten_servers_at_once_get_ten_ports()
    {
        RedisServer[] servers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RedisServer.StartAsync(ownProcess: true)));
        try
        {
            Assert.Equal(10, servers.Select(s => s.Port).Distinct().Count());
        }
        finally
        {
            foreach (RedisServer server in servers)
                await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nothing_is_left_after_dispose()
    {
        RedisServer redis = await RedisServer.StartAsync(ownProcess: true);
        (int id, string directory) = (redis.ProcessId, redis.DataDirectory);

        await redis.DisposeAsync();

        Assert.False(Directory.Exists($"/proc/{id}"));
        Assert.False(Directory.Exists(directory));
    }
}
