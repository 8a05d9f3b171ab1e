using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

/// <summary>An event log under a prefix of its own in a real redis-server, with what notifiers write beside it.</summary>
internal sealed class NotifierLogFixture
{
    private long batches;

    private NotifierLogFixture(RedisServer server, ConnectionMultiplexer connection, StreamOptions settings)
    {
        (Server, Connection, Settings) = (server, connection, settings);
        Keys = new StreamKeys(settings.Prefix);
        AlertKeys = new AlertKeys(Keys);
        Appender = new EventAppender(connection, Keys, Options.Create(settings), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        Alerts = new AlertLog(connection, AlertKeys, settings.Partitions);
    }

    public RedisServer Server { get; }

    public ConnectionMultiplexer Connection { get; }

    public IDatabase Database => Connection.GetDatabase();

    public StreamOptions Settings { get; }

    public StateOptions State { get; init; } = new();

    public StreamKeys Keys { get; }

    public AlertKeys AlertKeys { get; }

    public AlertLog Alerts { get; }

    private EventAppender Appender { get; }

    public static async Task<NotifierLogFixture> CreateAsync(RedisServer server, int partitions = 1)
    {
        var settings = new StreamOptions
        {
            Prefix = $"t{Guid.NewGuid():N}",
            Partitions = partitions,
            LeaseTtl = TimeSpan.FromSeconds(2),
            RebalanceInterval = TimeSpan.FromMilliseconds(100),
            BackoffMin = TimeSpan.FromMilliseconds(20),
            BackoffMax = TimeSpan.FromMilliseconds(500),
        };
        return new NotifierLogFixture(server, await server.ConnectAsync(), settings);
    }

    /// <summary>Appends events of hosts that belong to one partition; returns the position of the last.</summary>
    public async Task<StreamId> AppendAsync(params WireGuardEvent[] events)
    {
        var batch = new EventBatch();
        foreach (var e in events) batch.Add(e);

        var partition = Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes(events[0].Header.Host), Settings.Partitions);
        return Assert.IsType<AppendOutcome.Appended>(await Appender.AppendAsync(partition, "test", ++batches, batch, default)).LastId;
    }

    /// <summary>All alerts with their deliveries, oldest first.</summary>
    public async Task<IReadOnlyList<AlertHistory>> HistoryAsync() => [.. (await Alerts.ReadAsync(AlertPosition.Newest, 10_000, default)).Items.Reverse()];

    /// <summary>Waits until every alert is settled on a route, and returns what became of them, oldest first.</summary>
    public async Task<IReadOnlyList<DeliveryRecord>> SettledAsync(string route, int count)
    {
        IReadOnlyList<DeliveryRecord> settled = [];
        await Wait.Until(
            async () => (settled = [.. (await HistoryAsync()).SelectMany(alert => alert.Deliveries).Where(delivery => delivery.Route == route && delivery.IsSettled)]).Count >= count,
            $"{count} alerts are settled on {route}");
        return settled;
    }

    /// <summary>Waits until the group has applied up to a position.</summary>
    public Task AppliedAsync(StreamId position, int partition = 0) => Wait.Until(
        async () => StreamId.TryParse((string?)await Database.StringGetAsync(Keys.Checkpoint(partition, ConsumerGroups.Notifier)), out var at) && at >= position,
        $"the notifier applies {position}");
}

/// <summary>A notifier in this process with a connection of its own. Stopping it is as SIGTERM.</summary>
internal sealed class RunningNotifier : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly PartitionOwners owners;
    private readonly Task run;

    private RunningNotifier(NotifierLogFixture log, IConnectionMultiplexer connection, NotifierOptions options, TimeProvider time)
    {
        var metrics = new NotifierMetrics(Registry, NullLogger<NotifierMetrics>.Instance, time);
        Routes = new AlertRoutes(options, metrics, Log, time, new Random(1));
        Pipelines = new AlertPipelines(connection, log.Keys, log.State, options, Routes, metrics, time);
        owners = new PartitionOwners(
            connection, log.Keys, ConsumerGroups.Notifier, Pipelines, Options.Create(log.Settings), new StreamMetrics(Registry), TimeProvider.System, NullLogger<PartitionOwners>.Instance);
        run = Task.Run(() => owners.RunAsync(stopping.Token));
    }

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    public RecordingLogger<LogChannel> Log { get; } = new();

    public AlertRoutes Routes { get; }

    public AlertPipelines Pipelines { get; }

    /// <summary>Starts one and waits until it owns all partitions and its routes have their places, so that nothing appended afterwards is missed.</summary>
    public static async Task<RunningNotifier> StartAsync(NotifierLogFixture log, NotifierOptions options, TimeProvider? time = null)
    {
        Assert.Empty(options.Check());
        var notifier = new RunningNotifier(log, await log.Server.ConnectAsync(), options, time ?? TimeProvider.System);
        await Wait.Until(() => notifier.owners.Owned.Count == log.Settings.Partitions, "the notifier owns every partition");
        foreach (var partition in Enumerable.Range(0, log.Settings.Partitions))
            await Wait.Until(
                async () => (await log.Database.HashKeysAsync(log.AlertKeys.Cursors(partition))).Length >= options.EffectiveRoutes.Count, "every route has its place");
        return notifier;
    }

    /// <summary>A webhook that tries again fast.</summary>
    public static RouteOptions Webhook(string name, WebhookReceiver receiver) => new()
    {
        Name = name,
        Type = RouteType.Webhook,
        Url = receiver.Url,
        AllowInsecure = true,
        AttemptTimeout = TimeSpan.FromSeconds(5),
        RetryPause = TimeSpan.FromMilliseconds(10),
        RetryPauseMax = TimeSpan.FromMilliseconds(100),
        BreakAfter = 1000,
    };

    public async Task<string> MetricsAsync()
    {
        using var text = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(text);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await run;
        owners.Dispose();
        Routes.Dispose();
    }
}
