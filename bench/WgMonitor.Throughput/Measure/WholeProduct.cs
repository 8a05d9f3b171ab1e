using System.Globalization;
using WgMonitor.ReadModel;
using WgMonitor.Throughput.Deploy;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// UDP to log to state: rising rates through the four services, what the log and the state take of Redis' memory, and then the collector alone beside
/// what redis-benchmark and rsyslogd reach on the same server.
/// </summary>
internal static class WholeProduct
{
    private static readonly double[] Rates = [5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000];
    private static readonly double[] CollectorRates = [30_000, 60_000, 90_000, 120_000, 150_000, 180_000];

    private const double SecondsPerRate = 8;
    private const double SecondsPerCollectorRate = 4;

    // So many in a row were not lossless: higher ones will not be either.
    private const int FailuresMax = 2;

    public static async Task MeasureAsync()
    {
        await using var deployment = await Deployment.StartAsync();
        var all = new LoadStep(deployment, ConsumerGroups.All);
        // Until the code that all lines pass is compiled for good.
        await all.RunAsync(5_000, SecondsPerRate);

        Console.WriteLine("\n## Lines through UDP, log, state and alerts\n");
        var results = await RiseAsync(all, Rates, SecondsPerRate);
        Console.WriteLine($"\nLossless rate (nothing lost, all applied within {LoadResult.CatchUpMax.TotalSeconds} s): {Highest(results):N0} lines/s");

        await RedisMemory.PrintAsync(deployment);

        await MeasureCollectorAsync(deployment);
    }

    /// <summary>The last part alone, on a server of its own.</summary>
    public static async Task MeasureCollectorAsync()
    {
        await using var deployment = await Deployment.StartAsync();
        await MeasureCollectorAsync(deployment);
    }

    private static async Task MeasureCollectorAsync(Deployment deployment)
    {
        await deployment.StopReadersAsync();
        var step = new LoadStep(deployment, []);
        await step.RunAsync(CollectorRates[0], SecondsPerCollectorRate);
        Console.WriteLine("\n## The collector alone, beside redis-benchmark and rsyslogd\n");
        var alone = await RiseAsync(step, CollectorRates, SecondsPerCollectorRate);
        var benchmark = await RedisBenchmark.AppendsPerSecondAsync(deployment);
        var appended = alone.Where(result => result.Lost == 0).Select(result => result.Sustained).DefaultIfEmpty(0).Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nCollector, UDP to log, nothing lost, until the last line is appended: {appended:N0} lines/s. redis-benchmark -P 32 with the same entry: {benchmark:N0} XADD/s. Ratio {appended / benchmark:F2} (load {Machine.Load})"));
        await RsyslogToRedis.MeasureAsync(deployment, CollectorRates, SecondsPerCollectorRate);
    }

    private static async Task<IReadOnlyList<LoadResult>> RiseAsync(LoadStep step, double[] rates, double seconds)
    {
        var results = new List<LoadResult>();
        var failures = 0;
        Console.WriteLine("| asked lines/s | sent lines/s | sent | received | socket drops | dropped | appended | lost | caught up after s | others' cores | load |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var rate in rates)
        {
            var result = await step.RunAsync(rate, seconds);
            results.Add(result);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {rate:N0} | {result.RateSent:N0} | {result.Sent} | {result.Received} | {result.SocketDrops} | {result.Dropped} | {result.Appended} | {result.Lost} | {result.CatchUpSeconds:F2} | {result.OthersCores:F2} | {Machine.Load} |"));
            failures = result.IsLossless ? 0 : failures + 1;
            if (failures == FailuresMax || double.IsInfinity(result.CatchUpSeconds)) break;
        }
        PrintCosts(results);
        return results;
    }

    private static void PrintCosts(IReadOnlyList<LoadResult> results)
    {
        var names = results[0].Costs.Select(cost => cost.Name).ToList();
        Console.WriteLine($"\nCPU us a line (resident MiB):\n\n| asked lines/s | {string.Join(" | ", names)} | all |\n|--:|{string.Concat(names.Select(_ => "--:|"))}--:|");
        foreach (var result in results)
        {
            var cells = result.Costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.MicrosecondsPerLine:F1}{(cost.ResidentMebibytes > 0 ? $" ({cost.ResidentMebibytes:F0})" : "")}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {result.Rate:N0} | {string.Join(" | ", cells)} | {result.Costs.Sum(cost => cost.MicrosecondsPerLine):F1} |"));
        }
    }

    private static double Highest(IReadOnlyList<LoadResult> results) => results.Where(result => result.IsLossless).Select(result => result.Rate).DefaultIfEmpty(0).Max();
}
