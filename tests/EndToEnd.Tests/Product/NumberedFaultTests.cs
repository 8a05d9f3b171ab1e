using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Faults of docs/faults.md that have no place elsewhere, each against the four services and a real redis-server.</summary>
public sealed class NumberedFaultTests : IDisposable
{
    private const int Lines = 3000;

    private readonly TempDirectory directory = new();

    private string Spool => $"""
        [collector.spool]
        durability = "disk"
        directory = "{directory.File("spool")}"
        """;

    /// <summary>Lines flow at a modest rate, something happens to Redis meanwhile, and afterwards nothing is missing, doubled, or wrong.</summary>
    private static async Task FlowAsync(Deployment product, Func<Task> fault)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        var flow = sender.SendAsync(NumberedLog.Lines(0, Lines), Pace.Messages(500));
        await Wait.Until(async () => await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total") > Lines / 10, "lines flow");
        await fault();
        await flow;
        await Wait.Until(async () => await product.EntriesAsync() >= Lines, "all lines arrive", TimeSpan.FromSeconds(60));
        await ClusterTests.AssertIsReferenceAsync(product);
        var log = await NumberedLog.ReadAsync(product, Lines);
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
        Assert.All(product.All, service => Assert.False(service.Process.HasExited, service.Name));
        foreach (var service in product.All) await service.ReadyAsync();
    }

    [Fact]
    public async Task F21_an_eviction_policy_that_is_changed_while_everything_runs_is_told()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        Assert.All(await Task.WhenAll(product.All.Select(service => service.MetricAsync("wgmonitor_redis_unsafe_settings"))), count => Assert.Equal(0, count));

        await product.Connection.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");

        foreach (var service in product.All)
        {
            await Wait.Until(async () => await service.MetricAsync("wgmonitor_redis_unsafe_settings") == 1, $"{service.Name} notices", TimeSpan.FromSeconds(60));
            await service.Process.OutputHas("may evict the event log (maxmemory-policy allkeys-lru)");
        }
        Assert.Contains(await ClusterTests.WarningsAsync(product), warning => warning!.Contains("maxmemory-policy noeviction", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DEBUG SLEEP 8")]
    [InlineData("CLIENT PAUSE 8000 ALL")]
    [InlineData("EVAL script")]
    public async Task F22_a_redis_that_does_not_answer_for_seconds_costs_nothing_and_ends_nobody(string command)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true, "--enable-debug-command", "yes", "--busy-reply-threshold", "500");
        await using var product = await Deployment.StartAsync(redis, collector: Spool);
        // Eight seconds is longer than every time-out towards Redis. A script that runs so long is answered for by BUSY.
        string[] words = command == "EVAL script" ? ["EVAL", "local t = redis.call('TIME')[1]; while redis.call('TIME')[1] - t < 8 do end", "0"] : command.Split(' ');
        await FlowAsync(product, async () => await RedisCluster.CommandAsync(redis, words));
    }

    [Fact]
    public async Task F23_scripts_that_redis_forgets_again_and_again_are_sent_again()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        await FlowAsync(product, async () =>
        {
            for (var times = 0; times < 50; times++)
            {
                await RedisCluster.CommandAsync(redis, "SCRIPT", "FLUSH");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        });
    }

    [Theory]
    [InlineData("collector", "-xadd", "XADD on wgmonitor:{p0}:events")]
    [InlineData("projector", "-xgroup", "XGROUP")]
    [InlineData("notifier", "-pexpire", "PEXPIRE")]
    [InlineData("api", "-hget", "HGET")]
    [InlineData("projector", "-eval -evalsha", "EVAL")]
    public async Task F24_a_command_that_redis_denies_is_named_at_the_start(string service, string rule, string named)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await RedisCluster.CommandAsync(redis, ["ACL", "SETUSER", "wg", "on", ">secret", "~wgmonitor:*", "&*", "+@all", .. rule.Split(' ')]);
        directory.Write("config.toml", $"""
            [redis]
            url = "redis://wg:secret@{redis.Address}"
            [[collector.listen]]
            protocol = "udp"
            address = "127.0.0.1:{FreePort.Udp()}"
            [api]
            address = "127.0.0.1:{FreePort.Tcp()}"
            """);
        await using var process = new ServiceProcess(service, directory.Path, FreePort.Tcp());

        process.Start();

        Assert.Equal(78, await process.Process.ExitAsync());
        Assert.Contains($"Redis does not let the user 'wg' run {named}", process.Process.Output);
    }

    [Fact]
    public async Task F24_a_user_who_may_do_everything_on_our_keys_is_enough()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await RedisCluster.CommandAsync(redis, "ACL", "SETUSER", "wg", "on", ">secret", "~wgmonitor:*", "&wgmonitor:*", "+@all", "-@dangerous", "+info");
        await using var product = await Deployment.StartAsync(redis, place: $"url = \"redis://wg:secret@{redis.Address}\"");
        await FlowAsync(product, () => Task.CompletedTask);
    }

    [Fact]
    public async Task F27_a_redis_that_is_200_ms_away_is_slow_and_nothing_else()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        using var link = new SlowLink(redis.Port, TimeSpan.FromMilliseconds(200));
        await using var product = await Deployment.StartAsync(redis, place: $"url = \"redis://127.0.0.1:{link.Port}\"");
        await FlowAsync(product, () => Task.CompletedTask);
    }

    [Fact]
    public async Task F37_a_redis_whose_clock_was_a_day_ahead_for_a_moment_goes_on_in_order()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        var ahead = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        await FlowAsync(product, async () =>
        {
            // What such a clock leaves behind: IDs of tomorrow, leases and heartbeats that end tomorrow.
            for (var partition = 0; partition < product.Partitions; partition++)
            {
                var (key, tomorrow) = (product.Keys.Events(partition), $"{ahead}-0");
                await Wait.Until(async () => await product.Connection.GetDatabase().KeyExistsAsync(key), "the stream is there");
                await product.Connection.GetDatabase().ExecuteAsync("XSETID", key, tomorrow);
                await product.Connection.GetDatabase().HashSetAsync(product.Keys.Lease(partition, "projector"), "expires", ahead);
            }
            await product.Connection.GetDatabase().SortedSetAddAsync(product.Keys.Members("projector"), "a-replica-of-tomorrow", ahead);
            await product.Projectors[0].KillAsync();
            product.Projectors[0].Start();
        });
        Assert.DoesNotContain("lost history", product.Projectors[0].Process.Output);
    }

    [Fact]
    public async Task F54_a_process_that_stands_still_for_five_seconds_keeps_its_partitions_or_loses_them_safely()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, replicas: 2, collector: Spool);
        await FlowAsync(product, async () =>
        {
            // As in a long collection of garbage. A lease lives 2 s here; the other replica takes over.
            ServiceProcess[] frozen = [product.Collector, product.Projectors[0], product.Notifiers[0]];
            foreach (var service in frozen) service.Process.Pause();
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            foreach (var service in frozen) service.Process.Resume();
        });
    }

    public void Dispose() => directory.Dispose();
}
