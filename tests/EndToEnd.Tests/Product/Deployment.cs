using System.Net.Http.Json;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>The four services as separate processes on one Redis, as they run in production.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly TempDirectory directory = new();
    private string routes = "";
    private string collector = "";
    private string place = "";

    private Deployment(RedisServer redis, int partitions) => (Redis, Partitions) = (redis, partitions);

    public RedisServer Redis { get; }

    public int Partitions { get; private set; }

    /// <summary>Where the configuration lies.</summary>
    public string Directory => directory.Path;

    public int SyslogPort { get; } = FreePort.Udp();

    public int ApiPort { get; } = FreePort.Tcp();

    public ServiceProcess Collector { get; private set; } = null!;

    public List<ServiceProcess> Projectors { get; } = [];

    public List<ServiceProcess> Notifiers { get; } = [];

    public ServiceProcess Api { get; private set; } = null!;

    public IEnumerable<ServiceProcess> All => [Collector, .. Projectors, .. Notifiers, Api];

    public ConnectionMultiplexer Connection { get; private set; } = null!;

    public StreamKeys Keys { get; } = new("wgmonitor");

    /// <summary>Starts everything and waits until it is ready.</summary>
    /// <param name="redis">A server of the test's own.</param>
    /// <param name="replicas">Of projector and notifier each.</param>
    /// <param name="routes">TOML of the notifier's routes.</param>
    /// <param name="partitions">Streams.</param>
    /// <param name="stream">Further TOML of <c>[stream]</c>.</param>
    /// <param name="collector">TOML of the collector's tables.</param>
    /// <param name="collectorOnly">Starts no other service.</param>
    /// <param name="place">TOML of <c>[redis]</c> where <paramref name="redis"/> is one of several nodes.</param>
    /// <param name="collectorWithin">See <see cref="ServiceProcess.Within"/>.</param>
    /// <param name="connection">Of the test, where <paramref name="redis"/> is one of several nodes.</param>
    public static async Task<Deployment> StartAsync(
        RedisServer redis, int replicas = 1, string routes = "", int partitions = 4, string stream = "", string collector = "", bool collectorOnly = false,
        string? place = null, ConnectionMultiplexer? connection = null, IReadOnlyList<string>? collectorWithin = null)
    {
        var deployment = new Deployment(redis, partitions) { routes = routes, collector = collector, place = place ?? $"url = \"redis://{redis.Address}/0\"" };
        deployment.Configure(stream);
        deployment.Collector = deployment.New("collector");
        deployment.Collector.Within = collectorWithin ?? [];
        deployment.Projectors.AddRange(Enumerable.Range(0, replicas).Select(_ => deployment.New("projector")));
        deployment.Notifiers.AddRange(Enumerable.Range(0, replicas).Select(_ => deployment.New("notifier")));
        deployment.Api = deployment.New("api");
        deployment.Connection = connection ?? await redis.ConnectAsync();
        ServiceProcess[] started = collectorOnly ? [deployment.Collector] : [.. deployment.All];
        foreach (var service in started) service.Start();
        foreach (var service in started) await service.ReadyAsync();
        return deployment;
    }

    /// <summary>Writes the configuration; services read it when they start.</summary>
    public void Configure(string stream = "") => directory.Write("config.toml", $"""
            [redis]
            {place}

            [stream]
            partitions = {Partitions}
            lease_ttl = "2s"
            rebalance_interval = "200ms"
            {stream}

            [collector]
            # Recorded lines are older than any sane clock skew.
            skew_max = "3650d"

            {collector}

            # One address sends what many would.
            [collector.limits]
            source_lines_per_second = 0

            [[collector.listen]]
            protocol = "udp"
            address = "127.0.0.1:{SyslogPort}"

            [api]
            address = "127.0.0.1:{ApiPort}"

            {routes}
            """);

    /// <summary>Runs <c>wgmonitor</c> with the configuration of the services.</summary>
    public ChildProcess Command(params string[] arguments) => WgMonitorProgram.Start(directory.Path, [.. arguments, "--config", "config.toml"]);

    /// <summary>Configured for another number of partitions; services read it when they start.</summary>
    public void Repartitioned(int partitions)
    {
        Partitions = partitions;
        Configure();
    }

    /// <summary>One more projector and one more notifier, started.</summary>
    public void AddReplicas()
    {
        Projectors.Add(New("projector"));
        Notifiers.Add(New("notifier"));
        Projectors[^1].Start();
        Notifiers[^1].Start();
    }

    /// <summary>On the same configuration, not started.</summary>
    public ServiceProcess SecondCollector() => New("collector");

    private ServiceProcess New(string name) => new(name, directory.Path, FreePort.Tcp());

    /// <summary>Sends datagrams and waits until all of them have arrived and what is in them stands in the log.</summary>
    public async Task SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> datagrams, Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task> send)
    {
        var before = await Collector.MetricAsync("wgmonitor_collector_lines_received_total") ?? throw new InvalidOperationException("the collector does not answer");
        await send(datagrams);
        await Wait.Until(
            async () => await Collector.MetricAsync("wgmonitor_collector_lines_received_total") >= before + datagrams.Count,
            $"{datagrams.Count} datagrams arrive");
        await AppendedAsync();
    }

    /// <summary>Everything the collector took for an event stands in the log.</summary>
    public async Task AppendedAsync() =>
        await Wait.Until(
            async () => await Collector.MetricAsync("wgmonitor_collector_events_total") is { } events && events <= await EntriesAsync(),
            "events are appended");

    /// <summary>Nothing more is appended: a killed collector's counters are gone, so the log itself is watched.</summary>
    public async Task AppendedSettledAsync()
    {
        await Wait.Until(async () => await Collector.MetricAsync("wgmonitor_collector_buffered_events") == 0, "the collector's buffer is empty");
        var before = -1L;
        await Wait.Until(async () =>
        {
            var now = await EntriesAsync();
            (var same, before) = (now == before, now);
            return same;
        }, "the log stops growing");
    }

    public async Task<long> EntriesAsync()
    {
        var lengths = await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => Connection.GetDatabase().StreamLengthAsync(Keys.Events(partition))));
        return lengths.Sum();
    }

    /// <summary>Every entry of the log is applied by a group.</summary>
    public async Task CaughtUpAsync(string group, TimeSpan? limit = null) =>
        await Wait.Until(() => ReferenceFold.IsCaughtUpAsync(Connection, Keys, Partitions, group), $"{group} catches up", limit);

    /// <summary>See <see cref="ReferenceFold.EqualsStoredAsync"/>.</summary>
    /// <param name="projector">Where the projector's state of a partition lies, if not where it lies before any rebuild.</param>
    /// <param name="limit">For catching up.</param>
    /// <param name="rule">Whose alerts are compared; null where there may be no others.</param>
    public Task<ReferenceFold> EqualsReferenceAsync(Func<int, StateKeys>? projector = null, TimeSpan? limit = null, string? rule = null) =>
        ReferenceFold.EqualsStoredAsync(Connection, Keys, Partitions, group => CaughtUpAsync(group, limit), projector, rule);

    /// <summary>All peers that the API shows.</summary>
    public async Task<IReadOnlyList<JsonElement>> PeersAsync(string query = "")
    {
        var peers = new List<JsonElement>();
        var cursor = "";
        do
        {
            var page = await Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{ApiPort}/api/v1/peers?limit=1000{query}&cursor={cursor}"));
            peers.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (!string.IsNullOrEmpty(cursor));
        return peers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All) await service.DisposeAsync();
        await Connection.DisposeAsync();
        directory.Dispose();
    }
}
