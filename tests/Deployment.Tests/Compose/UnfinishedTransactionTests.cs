using StackExchange.Redis;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Compose;

/// <summary>What runs before each start of the Redis of compose, Kubernetes and the package, with real servers.</summary>
public sealed class UnfinishedTransactionTests
{
    private static readonly string Script = Path.Combine(Repository.Root, "deploy/compose/redis/cut-unfinished.sh");

    [Theory]
    [InlineData("")]
    [InlineData("requirepass secret")]
    public async Task Half_a_transaction_goes_and_never_comes_back(string setting)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await WriteAsync(redis, "before");
        await redis.StopAsync();
        UnfinishedTransaction.AppendTo(redis.DataDirectory);

        await CutAsync(redis, setting);
        await redis.StartAgainAsync();
        await WriteAsync(redis, "after");
        await redis.RestartAsync();

        Assert.DoesNotContain("Truncating the AOF", redis.Log);
        Assert.Equal(["after", "before"], await KeysAsync(redis));
    }

    /// <summary>Why the script is there: should this fail with a newer Redis, it may go.</summary>
    [Fact]
    public async Task Without_it_the_half_comes_back_at_the_start_after_next()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await WriteAsync(redis, "before");
        await redis.StopAsync();
        UnfinishedTransaction.AppendTo(redis.DataDirectory);

        await redis.StartAgainAsync();
        var atFirst = await KeysAsync(redis);
        await WriteAsync(redis, "after");
        await redis.RestartAsync();

        Assert.Equal(["before"], atFirst);
        Assert.Equal(["after", "before", UnfinishedTransaction.Key], await KeysAsync(redis));
    }

    [Fact]
    public async Task A_sound_log_and_none_at_all_start_nothing()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await WriteAsync(redis, "before");
        await redis.StopAsync();
        using var empty = new TempDirectory();

        Assert.Equal("", await CutAsync(redis, "") + await CutAsync(empty.Path, empty));
    }

    /// <summary>Two commands, so that they are a transaction.</summary>
    private static async Task WriteAsync(RedisServer redis, string key) =>
        await (await redis.ConnectAsync()).GetDatabase().ScriptEvaluateAsync("redis.call('SET', KEYS[1], 1) redis.call('EXPIRE', KEYS[1], 1000)", [key]);

    private static async Task<List<string>> KeysAsync(RedisServer redis) =>
        [.. (await redis.ConnectAsync()).GetServer(redis.Address).Keys().Select(key => (string)key!).Order()];

    private static async Task<string> CutAsync(RedisServer redis, string setting)
    {
        using var directory = new TempDirectory();
        return await CutAsync(redis.DataDirectory, directory, setting);
    }

    /// <summary>What it printed.</summary>
    private static async Task<string> CutAsync(string data, TempDirectory directory, string setting = "")
    {
        var settings = directory.Write("redis.conf", $"port {FreePort.Tcp()}\nappendonly yes\nsave \"\"\n{setting}\n");
        await using var script = ChildProcess.Start("/bin/sh", [Script, settings, data]);
        Assert.True(await script.ExitAsync() == 0, script.Output);
        return script.Output;
    }
}
