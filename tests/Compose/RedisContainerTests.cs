using Testcontainers.Redis;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The contract of the event log against a Redis in a container: the tests of <c>tests/Streams.Tests</c>, as they are built.</summary>
public sealed class RedisContainerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task The_event_log_keeps_its_contract_on_a_redis_container()
    {
        var image = await Docker.FirstHereAsync("redis:7.2.11-bookworm", "redis:7");
        await using var redis = new RedisBuilder(image).Build();
        await redis.StartAsync(TestContext.Current.CancellationToken);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(Repository.Root, "artifacts/bin/Streams.Tests", configuration, "WgMonitor.Streams.Tests");

        await using var tests = ChildProcess.Start(program, ["--no-ansi", "--no-progress"], new Dictionary<string, string?>
        {
            [RedisServer.SharedVariable] = $"{redis.Hostname}:{redis.GetMappedPublicPort(RedisBuilder.RedisPort)}",
        });
        var code = await tests.ExitAsync(Limit);

        Assert.True(code == 0, tests.Output);
        Assert.Matches(@"succeeded: [1-9]", tests.Output);
        var calls = await redis.ExecAsync(["redis-cli", "INFO", "commandstats"], TestContext.Current.CancellationToken);
        // They did run there.
        Assert.Contains("cmdstat_xadd", calls.Stdout);
    }
}
