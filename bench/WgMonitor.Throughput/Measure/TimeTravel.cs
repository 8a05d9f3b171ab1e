using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// Questions about the past at ten million retained events: a log of 64 hosts with 125 peers each is filled by the append script, the history points are written,
/// and a running API is asked. WGMONITOR_HISTORY_EVENTS for another number, WGMONITOR_HISTORY_EVERY for another distance of the points.
/// </summary>
internal sealed class TimeTravel : IAsyncDisposable
{
    private const int Partitions = PastLog.Partitions;
    private const int HostsAPartition = PastLog.HostsAPartition;
    private const int PeersAHost = PastLog.PeersAHost;
    private const int Questions = 100;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private readonly TempDirectory directory = new();
    private readonly RedisServer redis;
    private readonly ConnectionMultiplexer connection;
    private readonly StreamKeys keys = new("wgmonitor");
    private readonly StreamOptions stream = PastLog.Options;
    private readonly HistoryOptions history = new() { EveryEntries = Setting("WGMONITOR_HISTORY_EVERY", new HistoryOptions().EveryEntries) };
    private readonly IReadOnlyList<IReadOnlyList<string>> hosts = PastLog.Hosts;
    private readonly Random random = new(1);
    private (long First, long Last) time;

    private TimeTravel(RedisServer redis, ConnectionMultiplexer connection) => (this.redis, this.connection) = (redis, connection);

    public static async Task MeasureAsync()
    {
        var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var run = new TimeTravel(redis, await redis.ConnectAsync());
        var events = Setting("WGMONITOR_HISTORY_EVENTS", 10_000_000);
        Console.WriteLine("\n## Time travel\n");
        await run.FillAsync(events);
        await run.WritePointsAsync(events);
        await run.PrintMemoryAsync(events);
        await run.AskAsync();
    }

    private static int Setting(string name, int missing) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : missing;

    private async Task FillAsync(int events)
    {
        var begun = TimeProvider.System.GetUtcNow();
        var start = Stopwatch.GetTimestamp();
        var hours = await PastLog.FillAsync(connection, keys, events);
        time = (begun.ToUnixTimeMilliseconds(), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Print($"Filled with {events} events in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {Partitions} partitions, {Partitions * HostsAPartition} hosts, {Partitions * HostsAPartition * PeersAHost} peers, {hours:F1} hours of lines");
    }

    private async Task WritePointsAsync(int events)
    {
        var claims = new PartitionClaims(connection, keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        var writer = new HistoryWriter(connection, keys, claims, new LogReader(connection, keys), history, new StateOptions());
        var (start, cpu, points) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, 0);
        for (var partition = 0; partition < Partitions; partition++) points += await writer.AdvanceAsync(partition, CancellationToken.None);
        var used = Environment.CpuUsage.TotalTime - cpu;
        Print($"{points} history points, every {history.EveryEntries} entries of a partition: {events / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} events/s, {used.TotalMicroseconds / events:F1} us of CPU an event");
    }

    private async Task PrintMemoryAsync(int events)
    {
        var (log, points, byField) = (0L, 0L, new SortedDictionary<string, long>(StringComparer.Ordinal));
        var historyKeys = new HistoryKeys(keys);
        var reader = new PointReader(connection, historyKeys);
        for (var partition = 0; partition < Partitions; partition++)
        {
            log += await UsageAsync(keys.Events(partition));
            points += await UsageAsync(historyKeys.Points(partition));
            foreach (var point in await reader.ReadPointsAsync(partition, CancellationToken.None))
            {
                var key = historyKeys.Point(partition, point.Id.ToString());
                points += await UsageAsync(key);
                foreach (var field in await connection.GetDatabase().HashGetAllAsync(key))
                {
                    var name = field.Name.ToString() is ['s', ..] ? point.IsFull ? "state, whole" : "state, differences" : field.Name.ToString();
                    byField[name] = byField.GetValueOrDefault(name) + field.Value.Length();
                }
            }
        }
        Print($"Memory an event: log {log / (double)events:F1} B, history {points / (double)events:F1} B ({string.Join(", ", byField.Select(pair => $"{pair.Key} {pair.Value / (double)events:F2}"))})");
    }

    private async Task<long> UsageAsync(string key) => (long?)await connection.GetDatabase().ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", 0) ?? 0;

    private async Task AskAsync()
    {
        var port = FreePort.Tcp();
        var configuration = directory.Write("config.toml", $"""
            [redis]
            url = "redis://{redis.Address}/0"
            command_timeout = "30s"
            [history]
            every_entries = {history.EveryEntries}
            [api]
            address = "127.0.0.1:{port}"
            """);
        var api = new ServiceUnderLoad("api", configuration);
        await api.ReadyAsync();
        Console.WriteLine("\n| question | p50 ms | p99 ms | longest ms | CPU ms of api | CPU ms of Redis |\n|---|---:|---:|---:|---:|---:|");
        await AskAsync(api.ProcessId, port, "peers?at=T (first page of 100)", () => $"peers?at={Moment()}");
        await AskAsync(api.ProcessId, port, "peers?at=T&status=online&limit=1000", () => $"peers?limit=1000&status=online&at={Moment()}");
        await AskAsync(api.ProcessId, port, "peers?at=T&host=H", () => $"peers?host={Host()}&at={Moment()}");
        await AskAsync(api.ProcessId, port, "peers/P?at=T", () => $"peers/{Peer()}?at={Moment()}");
        await AskAsync(api.ProcessId, port, "peers/P/endpoints", () => $"peers/{Peer()}/endpoints");
        await AskAsync(api.ProcessId, port, "peers/P/sessions", () => $"peers/{Peer()}/sessions");
        await AskAsync(api.ProcessId, port, "peers/P/events", () => $"peers/{Peer()}/events");
        await AskAsync(api.ProcessId, port, "peers/P/events?from=T", () => $"peers/{Peer()}/events?from={Moment()}");
        await AskAsync(api.ProcessId, port, "events?from=T", () => $"events?from={Moment()}");
        await AskAsync(api.ProcessId, port, "events?host=H&event=keys-zeroed&from=T", () => $"events?host={Host()}&event=keys-zeroed&from={Moment()}");
        await AskAsync(api.ProcessId, port, "endpoints?ip=X", () => $"endpoints?ip=10.{random.Next(4)}.{random.Next(250)}.1");
        Print($"\nMemory of the API at the end: {Machine.ResidentMebibytes(api.ProcessId):F0} MiB; load of the machine {Machine.Load}");
        await api.StopAsync();
    }

    private async Task AskAsync(int api, int port, string question, Func<string> path)
    {
        var times = new List<double>(Questions);
        // The first ones compile the code.
        var (apiBefore, redisBefore) = (0.0, 0.0);
        for (var i = -5; i < Questions; i++)
        {
            if (i == 0) (apiBefore, redisBefore) = (Machine.CpuSeconds(api), Machine.CpuSeconds(redis.ProcessId));
            var asked = path();
            var start = Stopwatch.GetTimestamp();
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/api/v1/{asked}"));
            await response.Content.ReadAsByteArrayAsync();
            if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{asked}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            if (i >= 0) times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var (apiUsed, redisUsed) = ((Machine.CpuSeconds(api) - apiBefore) * 1_000 / Questions, (Machine.CpuSeconds(redis.ProcessId) - redisBefore) * 1_000 / Questions);
        times.Sort();
        Print($"| `{question}` | {times[Questions / 2]:F0} | {times[Questions * 99 / 100]:F0} | {times[^1]:F0} | {apiUsed:F0} | {redisUsed:F0} |");
    }

    private string Moment() => DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(time.First + (time.Last - time.First) / 10, time.Last)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private string Host() => hosts[random.Next(Partitions)][random.Next(HostsAPartition)];

    private string Peer() => $"{Host()}/1/{random.Next(1, PeersAHost + 1)}";

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await redis.DisposeAsync();
        directory.Dispose();
    }
}
