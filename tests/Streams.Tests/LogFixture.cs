using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(WgMonitor.Streams.Tests.SharedRedis))]

namespace WgMonitor.Streams.Tests;

/// <summary>One redis-server for the tests that keep to their own prefix.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>One log under a prefix of its own, with what reads and writes it, and a connection of its own.</summary>
public sealed class Log
{
    private Log(RedisServer server, ConnectionMultiplexer connection, StreamOptions options, RecordingLogger logger)
    {
        Server = server;
        Connection = connection;
        Settings = options;
        Logger = logger;
        Keys = new StreamKeys(options.Prefix);
        Metrics = new StreamMetrics(Registry);
        Appender = new EventAppender(connection, Keys, Options.Create(options), Metrics, TimeProvider.System);
        Reader = new LogReader(connection, Keys);
        Status = new StreamStatusReader(connection, Keys);
    }

    public RedisServer Server { get; }

    public ConnectionMultiplexer Connection { get; }

    public IDatabase Database => Connection.GetDatabase();

    public StreamOptions Settings { get; }

    public StreamKeys Keys { get; }

    public CollectorRegistry Registry { get; } = Prometheus.Metrics.NewCustomRegistry();

    public StreamMetrics Metrics { get; }

    public RecordingLogger Logger { get; }

    public EventAppender Appender { get; }

    public LogReader Reader { get; }

    public StreamStatusReader Status { get; }

    /// <summary>A new log; short times, so that tests of take-over end soon.</summary>
    public static async Task<Log> CreateAsync(RedisServer server, Action<StreamOptions>? change = null, Action<ConfigurationOptions>? configure = null)
    {
        var options = new StreamOptions
        {
            Prefix = $"t{Guid.NewGuid():N}",
            Partitions = 1,
            LeaseTtl = TimeSpan.FromSeconds(2),
            RebalanceInterval = TimeSpan.FromMilliseconds(100),
            BackoffMin = TimeSpan.FromMilliseconds(20),
            BackoffMax = TimeSpan.FromMilliseconds(500),
        };
        change?.Invoke(options);
        return new Log(server, await server.ConnectAsync(configure), options, new RecordingLogger());
    }

    /// <summary>The same log as another process sees it: another connection, other metrics.</summary>
    public async Task<Log> ReconnectAsync(Action<ConfigurationOptions>? configure = null) => new(Server, await Server.ConnectAsync(configure), Settings, new RecordingLogger());

    public PartitionOwners Replica(string group, IPartitionHandlerFactory factory) =>
        new(Connection, Keys, group, factory, Options.Create(Settings), Metrics, TimeProvider.System, Logger);

    /// <summary>Appends one event a number, in one batch.</summary>
    public async Task<StreamId> AppendAsync(int partition, string producer, long batchNumber, params IEnumerable<int> numbers)
    {
        var outcome = await Appender.AppendAsync(partition, producer, batchNumber, Numbers.Batch(numbers), default);
        return Assert.IsType<AppendOutcome.Appended>(outcome).LastId;
    }

    /// <summary>The sum of a counter or gauge over the label values that match.</summary>
    public async Task<double> MetricAsync(string name, params string[] labels)
    {
        using var text = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(text);
        return System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));
    }
}
