using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Projectors and notifiers are added, stopped and killed while lines flow: each partition always comes to one owner, and no event counts twice.</summary>
public sealed class ScaleTests
{
    private const int Partitions = 8;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task F13_replicas_share_the_partitions_and_take_over_from_those_that_go(int replicas)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: Partitions);
        using var stop = new CancellationTokenSource();
        var flow = KillTests.FlowAsync(product, stop.Token, linesPerSecond: 300);

        for (var replica = 1; replica < replicas; replica++) product.AddReplicas();
        foreach (var service in product.All) await service.ReadyAsync();
        var ready = TimeProvider.System.GetTimestamp();
        await SharedAsync(product, replicas);
        Tell($"{replicas} replicas share {Partitions} partitions {Seconds(ready)} after the last was ready");

        await AppliedOnceAsync(product);

        var stopped = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(product.Projectors[^1].StopAsync(), product.Notifiers[^1].StopAsync());
        await SharedAsync(product, replicas - 1);
        Tell($"all partitions owned {Seconds(stopped)} after SIGTERM to one of each");

        product.Projectors[^1].Start();
        product.Notifiers[^1].Start();
        await product.Projectors[^1].ReadyAsync();
        await product.Notifiers[^1].ReadyAsync();
        await SharedAsync(product, replicas);
        var killed = TimeProvider.System.GetTimestamp();
        await product.Projectors[0].KillAsync();
        await product.Notifiers[0].KillAsync();
        await SharedAsync(product, replicas - 1);
        Tell($"all partitions owned {Seconds(killed)} after SIGKILL to one of each; a lease lives 2 s");

        await stop.CancelAsync();
        await flow;
        await ClusterTests.AssertIsReferenceAsync(product);
        await OneOwnerEachAsync(product, replicas - 1);
    }

    [Fact]
    public async Task What_is_asked_about_partitions_does_not_grow_with_replicas()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: Partitions, stream: """

            [history]
            poll_interval = "200ms"
            """);
        await SharedAsync(product, 1);
        var one = await QuestionsAsync(redis);
        for (var replica = 1; replica < 4; replica++) product.AddReplicas();
        foreach (var service in product.All) await service.ReadyAsync();
        await SharedAsync(product, 4);
        var four = await QuestionsAsync(redis);

        Tell($"one replica: {string.Join(", ", one)}");
        Tell($"four replicas: {string.Join(", ", four)}");
        // Twice: each looks once when it starts, and a busy machine is late with some.
        Assert.All(one, command => Assert.InRange(four[command.Key], 1, 2 * command.Value));
    }

    /// <summary>Calls in five seconds, by command, of those that readers send about each of their partitions.</summary>
    private static async Task<Dictionary<string, long>> QuestionsAsync(RedisServer redis)
    {
        await using var connection = await redis.ConnectAsync();
        await Task.Delay(TimeSpan.FromSeconds(2)); // what is done once after a change of owners
        var before = await connection.CallsAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        var after = await connection.CallsAsync();
        return ((string[])["xreadgroup", "xinfo|stream", "exists"]).ToDictionary(command => command, command => after[command] - before[command]);
    }

    /// <summary>As the replicas say of themselves: all partitions, none twice, and none of the replicas without its share.</summary>
    private static async Task SharedAsync(Deployment product, int replicas)
    {
        foreach (var group in (List<ServiceProcess>[])[product.Projectors, product.Notifiers])
        {
            await Wait.Until(async () =>
            {
                var owned = new List<double>();
                foreach (var replica in group)
                {
                    if (await replica.MetricAsync("wgmonitor_stream_partitions_owned") is { } count) owned.Add(count);
                }
                return owned.Count == replicas && owned.Sum() == Partitions && owned.Min() >= Partitions / replicas;
            }, $"{replicas} replicas of {group[0].Name} share all partitions", Limit);
        }
    }

    /// <summary>As Redis has it: every lease is held, by as many owners as there are replicas.</summary>
    private static async Task OneOwnerEachAsync(Deployment product, int replicas)
    {
        foreach (var group in (string[])["projector", "notifier"])
        {
            var owners = new List<string>();
            for (var partition = 0; partition < Partitions; partition++)
                owners.Add((await product.Connection.GetDatabase().HashGetAsync(product.Keys.Lease(partition, group), "owner")).ToString());
            Assert.DoesNotContain("", owners);
            Assert.Equal(replicas, owners.Distinct().Count());
        }
    }

    /// <summary>While all of them live, what they say they applied adds up to the log: no entry was applied by two.</summary>
    private static async Task AppliedOnceAsync(Deployment product)
    {
        foreach (var group in (List<ServiceProcess>[])[product.Projectors, product.Notifiers])
        {
            await Wait.Until(async () =>
            {
                var before = await product.EntriesAsync();
                double applied = 0;
                foreach (var replica in group) applied += await replica.MetricAsync("wgmonitor_stream_applied_events_total") ?? double.NaN;
                var after = await product.EntriesAsync();
                Assert.False(applied > after, $"{applied} events applied of {after}");
                return before > 0 && applied >= before;
            }, $"what {group[0].Name}s applied adds up", Limit);
        }
    }

    private static string Seconds(long since) => $"{TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s";
}
