using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// A rebuild of a million events beside two bare scans of the same log, by the same client and with the same COUNT, in turn, while a running API is asked at a fixed rate:
/// the client's own XRANGE call, and the product's reader, which takes the client's reply apart with fewer allocations.
/// The projector folds the log live first, and every rebuild has to come to the same digest. WGMONITOR_REBUILD_EVENTS for another number.
/// </summary>
internal sealed class Rebuild : IAsyncDisposable
{
    private const int Rounds = 3;
    private const int QuestionsASecond = 20;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly TempDirectory directory = new();
    private readonly RedisServer redis;
    private readonly ConnectionMultiplexer connection;
    private readonly StreamKeys keys = new("wgmonitor");
    private readonly int events = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_REBUILD_EVENTS"), CultureInfo.InvariantCulture, out var value) ? value : 1_000_000;
    private readonly int apiPort = FreePort.Tcp();

    private Rebuild(RedisServer redis, ConnectionMultiplexer connection) => (this.redis, this.connection) = (redis, connection);

    public static async Task MeasureAsync()
    {
        var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var run = new Rebuild(redis, await redis.ConnectAsync());
        Console.WriteLine("\n## Rebuild\n");
        await run.RunAsync();
    }

    /// <summary>The part of the process of its own: <c>range</c> and <c>scan</c> read every partition, with the client's call and with the product's; <c>rebuild</c> rebuilds and compares it. Prints events and seconds.</summary>
    public static async Task<int> WorkAsync(string what, string address)
    {
        await using var own = await ConnectionMultiplexer.ConnectAsync(address);
        var keys = new StreamKeys("wgmonitor");
        var log = new LogReader(own, keys);
        var rebuild = PartitionRebuild.Create(own, PastLog.Options, new StateOptions(), TimeProvider.System);
        var (counted, folding, different, start) = (0L, 0.0, 0, Stopwatch.GetTimestamp());
        for (var partition = 0; partition < PastLog.Partitions; partition++)
        {
            if (what == "range")
            {
                counted += await RangeAsync(own.GetDatabase(), keys.Events(partition));
                continue;
            }
            if (what == "scan")
            {
                await foreach (var page in log.ReadAllAsync(partition, StreamId.Zero, StreamId.Max, PastLog.Options.ReadBatchMax, CancellationToken.None)) counted += page.Count;
                continue;
            }
            var report = await rebuild.RunAsync(partition, new RebuildOptions { VerifyOnly = true }, CancellationToken.None);
            (counted, folding) = (counted + report.Events, folding + report.Seconds);
            if (report.Outcome != RebuildOutcome.Verified || report.LiveDigest != report.RebuiltDigest) different++;
        }
        Console.WriteLine(FormattableString.Invariant($"{counted} {Stopwatch.GetElapsedTime(start).TotalSeconds:F3} {folding:F3} {different} {Environment.CpuUsage.TotalTime.TotalSeconds:F3}"));
        return 0;
    }

    private static async Task<long> RangeAsync(IDatabase database, RedisKey events)
    {
        var (counted, after) = (0L, (RedisValue)"-");
        while (await database.StreamRangeAsync(events, after, "+", PastLog.Options.ReadBatchMax) is { Length: > 0 } page)
        {
            counted += page.Length;
            after = $"({page[^1].Id}";
        }
        return counted;
    }

    private async Task RunAsync()
    {
        var configuration = directory.Write("config.toml", $"""
            [redis]
            url = "redis://{redis.Address}/0"
            [stream]
            retention_entries_max = 0
            [api]
            address = "127.0.0.1:{apiPort}"
            """);
        await PastLog.FillAsync(connection, keys, events);
        await using var projector = new ServiceUnderLoad("projector", configuration);
        await using var api = new ServiceUnderLoad("api", configuration);
        await projector.ReadyAsync();
        await api.ReadyAsync();
        await Wait.Until(async () => await projector.MetricAsync("wgmonitor_projector_events_total") >= events, "the projector follows", TimeSpan.FromMinutes(10));
        using var stop = new CancellationTokenSource();
        var asking = new FixedRateQuestions(Http, apiPort, QuestionsASecond).RunAsync(stop.Token);
        Console.WriteLine($"{events} events of {PastLog.Partitions * PastLog.HostsAPartition * PastLog.PeersAHost} peers in {PastLog.Partitions} partitions, COUNT {PastLog.Options.ReadBatchMax}; the API is asked {QuestionsASecond} times a second.");
        Console.WriteLine("\n| round | XRANGE of the client, events/s | scan, events/s | rebuild and comparison, events/s | of XRANGE | of the scan | folding alone, of XRANGE, of the scan | API p50 ms | API p99 ms, scan | API p99 ms, rebuild | digest | CPU us an event: XRANGE, scan, rebuild, Redis |\n|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---|---|");
        for (var round = 0; round <= Rounds; round++)
        {
            var range = await WorkInProcessAsync("range");
            var (scanFrom, scan) = (Stopwatch.GetTimestamp(), await WorkInProcessAsync("scan"));
            var redisBefore = Machine.CpuSeconds(redis.ProcessId);
            var (rebuildFrom, rebuild) = (Stopwatch.GetTimestamp(), await WorkInProcessAsync("rebuild"));
            var redisUsed = Machine.CpuSeconds(redis.ProcessId) - redisBefore;
            // The first round warms the file cache and the API up.
            if (round > 0) Report(round, range, scan, rebuild, redisUsed, asking.Result(scanFrom, rebuildFrom), asking.Result(rebuildFrom, Stopwatch.GetTimestamp()));
        }
        await stop.CancelAsync();
        await asking.EndAsync();
        Console.WriteLine($"\nLoad of the machine {Machine.Load}");
    }

    private void Report(int round, Work range, Work scan, Work rebuild, double redisUsed, List<double> duringScan, List<double> duringRebuild) => Console.WriteLine(FormattableString.Invariant(
        $"| {round} | {range.Rate:F0} | {scan.Rate:F0} | {rebuild.Rate:F0} | {rebuild.Rate / range.Rate:F2} | {rebuild.Rate / scan.Rate:F2} | {rebuild.Events / rebuild.Folding / range.Rate:F2}, {rebuild.Events / rebuild.Folding / scan.Rate:F2} | {At(duringRebuild, 0.5):F0} | {At(duringScan, 0.99):F0} | {At(duringRebuild, 0.99):F0} of {duringRebuild.Count} | {(rebuild.Different == 0 && rebuild.Events == events ? "equal" : $"DIFFERENT in {rebuild.Different} partitions, {rebuild.Events} events")} | {range.Cpu * 1e6 / events:F1}, {scan.Cpu * 1e6 / events:F1}, {rebuild.Cpu * 1e6 / events:F1}, {redisUsed * 1e6 / events:F1} |"));

    private static double At(List<double> sorted, double part) => sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private sealed record Work(long Events, double Seconds, double Folding, int Different, double Cpu)
    {
        public double Rate => Events / Seconds;
    }

    private async Task<Work> WorkInProcessAsync(string what)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [what, redis.Address]) { RedirectStandardOutput = true })!;
        var words = (await process.StandardOutput.ReadToEndAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || words.Length != 5) throw new InvalidOperationException($"{what} ended with {process.ExitCode}");
        double Number(int index) => double.Parse(words[index], CultureInfo.InvariantCulture);
        return new((long)Number(0), Number(1), Number(2), (int)Number(3), Number(4));
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await redis.DisposeAsync();
        directory.Dispose();
    }
}
