using System.Net.Http.Json;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>The four services on a Redis Cluster of three primaries, whose nodes die and whose slots move while lines flow.</summary>
public sealed class ClusterTests : IDisposable
{
    private const int Partitions = 6;
    private const string Trimmed = "retention_entries_max = 200\ntrim_interval = \"200ms\"";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly TempDirectory directory = new();

    private string Spool => $"""
        [collector.spool]
        durability = "disk"
        directory = "{directory.File("spool")}"
        """;

    private static async Task<Deployment> StartAsync(RedisCluster cluster, string stream = "", string collector = "", string routes = "", int replicas = 1) => await Deployment.StartAsync(
        cluster.Primaries[0], replicas, routes, Partitions, stream, collector, place: cluster.Toml, connection: await cluster.ConnectAsync());

    [Fact]
    public async Task Every_part_of_the_product_works_on_a_cluster()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await StartAsync(cluster, Trimmed, routes: AlertTests.Webhook(receiver), replicas: 2);
        using var stop = new CancellationTokenSource();
        var flow = KillTests.FlowAsync(product, stop.Token, linesPerSecond: 1000);
        await Wait.Until(async () => await MetricAsync(product.Projectors, "wgmonitor_stream_trimmed_entries_total") > 1000, "old entries are trimmed");
        await stop.CancelAsync();
        await flow;
        await product.AppendedSettledAsync();
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");

        // Partitions lie on more than one node, and all keys of one on the same.
        var owners = new HashSet<RedisServer>();
        for (var partition = 0; partition < Partitions; partition++) owners.Add(await cluster.OwnerAsync(product.Connection.HashSlot($"{{p{partition}}}")));
        Assert.True(owners.Count > 1);
        await using var replay = product.Command("replay", "--output", "json");
        Assert.Equal(0, await replay.ExitAsync(TimeSpan.FromSeconds(60)));
        // The replay gave its partitions back only a moment ago.
        await Wait.Until(async () => (await WarningsAsync(product)).Count == 0, "all is well");
        var status = await StatusAsync(product);
        Assert.Single(status.GetProperty("collectors").EnumerateArray());
        Assert.All(status.GetProperty("groups").EnumerateArray(), group => Assert.Equal(Partitions, group.GetProperty("partitions_owned").GetInt32()));
        Assert.NotEmpty(await product.PeersAsync());
        await Wait.Until(async () => (await ReferenceFold.OutboxAsync(product.Connection, product.Keys, Partitions)).ToHashSet().SetEquals(AlertTests.DeliveredIds(receiver)), "alerts are delivered");

        // What is wrong at one primary only is told with its address.
        await RedisCluster.CommandAsync(cluster.Primaries[1], "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        Assert.Equal([$"Redis at {cluster.Primaries[1].Address} may evict the event log (maxmemory-policy allkeys-lru). Set maxmemory-policy noeviction"], await WarningsAsync(product));
    }

    [Fact]
    public async Task A_primary_that_dies_costs_nothing_when_its_replica_takes_over()
    {
        const int lines = 12_000;
        await using var cluster = await RedisCluster.StartAsync();
        await using var product = await StartAsync(cluster, collector: Spool);
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync(NumberedLog.Lines(0, lines / 4), Pace.Messages(1000));

        var flow = sender.SendAsync(NumberedLog.Lines(lines / 4, lines - lines / 4), Pace.Messages(1000));
        await cluster.Primaries[0].KillAsync();
        await Wait.Until(async () => (await RedisCluster.CommandAsync(cluster.Replica, "ROLE")).StartsWith("master", StringComparison.Ordinal), "the replica takes over");
        await flow;
        await Wait.Until(async () => await product.EntriesAsync() >= lines, "all lines arrive", TimeSpan.FromSeconds(60));

        await AssertIsReferenceAsync(product);
        var log = await NumberedLog.ReadAsync(product, lines);
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
        Assert.All(product.All, service => Assert.False(service.Process.HasExited, service.Name));
        foreach (var service in product.All) await service.ReadyAsync();
    }

    [Fact]
    public async Task A_slot_that_moves_to_another_node_costs_nothing()
    {
        const int lines = 10_000;
        await using var cluster = await RedisCluster.StartAsync();
        await using var product = await StartAsync(cluster, collector: Spool);
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync(NumberedLog.Lines(0, 1000), Pace.Messages(1000));

        var flow = sender.SendAsync(NumberedLog.Lines(1000, lines - 1000), Pace.Messages(1000));
        var moved = 0;
        for (var partition = 0; partition < Partitions; partition++)
        {
            var slot = product.Connection.HashSlot($"{{p{partition}}}");
            var from = await cluster.OwnerAsync(slot);
            moved += await cluster.MoveSlotAsync(slot, from, cluster.Primaries.First(node => node != from));
        }
        await flow;
        await Wait.Until(async () => await product.EntriesAsync() >= lines, "all lines arrive", TimeSpan.FromSeconds(60));

        Assert.True(moved > 10 * Partitions, $"{moved} keys moved");
        await AssertIsReferenceAsync(product);
        var log = await NumberedLog.ReadAsync(product, lines);
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
    }

    internal static async Task<IReadOnlyList<string?>> WarningsAsync(Deployment product) =>
        [.. (await StatusAsync(product)).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString())];

    private static Task<JsonElement> StatusAsync(Deployment product) =>
        Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{product.ApiPort}/api/v1/status"));

    private static async Task<double> MetricAsync(IEnumerable<ServiceProcess> services, string name)
    {
        var sum = 0.0;
        foreach (var service in services) sum += await service.MetricAsync(name) ?? 0;
        return sum;
    }

    internal static async Task AssertIsReferenceAsync(Deployment product)
    {
        await product.AppendedSettledAsync();
        await product.EqualsReferenceAsync(limit: TimeSpan.FromSeconds(60));
    }

    public void Dispose() => directory.Dispose();
}
