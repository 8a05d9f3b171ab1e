using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WgMonitor.Collector.Spool;
using WgMonitor.Hosting;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.Collector.Tests;

/// <summary>A whole collector as its own program would run it, on free loopback ports, with the given Redis.</summary>
internal sealed class TestCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient http = new();

    private TestCollector(WebApplication app) => this.app = app;

    public int Port => Run.Listeners[0].LocalEndPoint.Port;

    /// <summary>Of the TCP, TLS and RELP listeners, in the order of the configuration.</summary>
    public System.Net.IPEndPoint Stream(int index = 0) => Run.StreamListeners[index].LocalEndPoint;

    public CollectorRun Run => app.Services.GetRequiredService<CollectorRun>();

    public CollectorPipeline Pipeline => app.Services.GetRequiredService<CollectorPipeline>();

    public CollectorSpool Spool => app.Services.GetRequiredService<CollectorSpool>();

    public EventBuffer Buffer => app.Services.GetRequiredService<EventBuffer>();

    /// <param name="redis">Its address and key prefix are used.</param>
    /// <param name="collector">TOML of the section <c>[collector]</c>.</param>
    /// <param name="listen">TOML of its listeners.</param>
    /// <param name="redisPort">Where it is reached on loopback; null for its own.</param>
    /// <param name="limits">TOML of <c>[collector.limits]</c>; tests send from one address what many would.</param>
    public static async Task<TestCollector> StartAsync(RedisServer redis, string collector = "", string limits = "source_lines_per_second = 0\n", string listen = "[[collector.listen]]\naddress = \"127.0.0.1:0\"\n", int? redisPort = null)
    {
        var toml = $"[redis]\nurl = \"redis://{redis.Host}:{redisPort ?? redis.Port}\"\n[stream]\nprefix = \"{redis.KeyPrefix}\"\n[metrics]\naddress = \"127.0.0.1:0\"\n[collector]\n{collector}\n[collector.limits]\n{limits}\n{listen}";
        var app = WgMonitorHost.Build(ConfigurationDocument.Parse(toml, new Dictionary<string, string> { ["LOG_LEVEL"] = "error" }), CollectorRegistration.Module);
        await app.StartAsync();
        return new(app);
    }

    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>As SIGTERM does it.</summary>
    public Task StopAsync() => app.StopAsync();

    public LineCounts Counts()
    {
        var lines = new LineCounts();
        Pipeline.ReadCounts(lines);
        return lines;
    }

    /// <summary>Connections that ended for this reason.</summary>
    public async Task<double> ClosedAsync(string reason) => (await ScrapeAsync())[$"wgmonitor_collector_connections_closed_total{{reason=\"{reason}\"}}"];

    /// <summary>Waits until the lines are received and appended.</summary>
    public Task AllAppended(long received) => Wait.Until(
        () => Counts().Received >= received && Buffer.EventCount == 0, $"{received} lines are received and appended");

    /// <summary>Series of <c>/metrics</c>, by name with labels.</summary>
    public async Task<Dictionary<string, double>> ScrapeAsync()
    {
        var text = await http.GetStringAsync($"http://{app.Services.GetRequiredService<Hosting.Listeners>().Metrics}/metrics");
        return text.Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' '))
            .ToDictionary(parts => string.Join(' ', parts[..^1]), parts => double.Parse(parts[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>The events of the whole log: for every partition in order, fields by name.</summary>
    public static async Task<List<Dictionary<string, string>>> ReadLogAsync(RedisServer redis)
    {
        await using var connection = await redis.ConnectAsync();
        var reader = new LogReader(connection, new(redis.KeyPrefix));
        var events = new List<Dictionary<string, string>>();
        for (var partition = 0; partition < new StreamOptions().Partitions; partition++)
        {
            await foreach (var page in reader.ReadAllAsync(partition, StreamId.Zero, StreamId.Max, 1000, CancellationToken.None))
                events.AddRange(page.Select(entry => entry.Fields.ToDictionary(field => Text(field.Name), field => Text(field.Value))));
        }
        return events;
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
    }
}
