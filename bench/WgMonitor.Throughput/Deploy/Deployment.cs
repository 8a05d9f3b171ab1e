using StackExchange.Redis;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.Throughput.Deploy;

/// <summary>A redis-server of its own and the four services as separate processes, all with their defaults.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    public const int PartitionsDefault = 8;

    private readonly TempDirectory directory = new();

    private Deployment(RedisServer redis, ConnectionMultiplexer connection, int partitions) => (Redis, Connection, Partitions) = (redis, connection, partitions);

    public int Partitions { get; }

    public RedisServer Redis { get; }

    public ConnectionMultiplexer Connection { get; }

    public IDatabase Database => Connection.GetDatabase();

    public StreamKeys Keys { get; } = new("wgmonitor");

    public int SyslogPort { get; } = FreePort.Udp();

    /// <summary>Collector, projectors, notifiers, api.</summary>
    public IReadOnlyList<ServiceUnderLoad> Services { get; private set; } = [];

    public ServiceUnderLoad Collector => Services[0];

    /// <param name="routes">TOML of the notifier's routes; none is the default route into its log.</param>
    /// <param name="listeners">TOML of further listeners of the collector.</param>
    /// <param name="replicas">Of projector and notifier each.</param>
    /// <param name="partitions">Of the log.</param>
    public static async Task<Deployment> StartAsync(string routes = "", string listeners = "", int replicas = 1, int partitions = PartitionsDefault)
    {
        var redis = await RedisServer.StartAsync(ownProcess: true);
        var deployment = new Deployment(redis, await redis.ConnectAsync(), partitions);
        var configuration = deployment.directory.Write("config.toml", $"""
            [redis]
            url = "redis://{redis.Address}/0"

            [stream]
            partitions = {partitions}

            # One address sends what many would.
            [collector.limits]
            source_lines_per_second = 0

            [[collector.listen]]
            protocol = "udp"
            address = "127.0.0.1:{deployment.SyslogPort}"

            {listeners}

            [api]
            address = "127.0.0.1:{FreePort.Tcp()}"

            {routes}
            """);
        string[] names = ["collector", .. Enumerable.Repeat("projector", replicas), .. Enumerable.Repeat("notifier", replicas), "api"];
        deployment.Services = [.. names.Select(name => new ServiceUnderLoad(name, configuration))];
        foreach (var service in deployment.Services) await service.ReadyAsync();
        return deployment;
    }

    /// <summary>Leaves only the collector.</summary>
    public async Task StopReadersAsync() => await Task.WhenAll(Services.Skip(1).Select(service => service.StopAsync()));

    /// <summary>Entries ever appended to the log.</summary>
    public async Task<long> AppendedAsync() => (await LogsAsync()).Sum(log => log.Added);

    /// <summary>True when a group has applied all that stands in the log.</summary>
    public async Task<bool> IsCaughtUpAsync(string group)
    {
        var logs = await LogsAsync();
        var checkpoints = await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => Database.StringGetAsync(Keys.Checkpoint(partition, group))));
        return logs.Zip(checkpoints).All(pair => pair.First.Added == 0 || pair.First.Last == pair.Second);
    }

    private async Task<(long Added, string Last)[]> LogsAsync() => await Task.WhenAll(Enumerable.Range(0, Partitions).Select(async partition =>
    {
        if (!await Database.KeyExistsAsync(Keys.Events(partition))) return (0, "");
        var info = (await Database.ExecuteAsync("XINFO", "STREAM", Keys.Events(partition))).ToDictionary();
        return ((long)info["entries-added"], (string)info["last-generated-id"]!);
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Services) await service.DisposeAsync();
        await Redis.DisposeAsync();
        directory.Dispose();
    }
}
