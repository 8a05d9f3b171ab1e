using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;

namespace WgMonitor.Throughput.Measure;

/// <summary>The yardstick: how many entries of the same fields redis-benchmark appends to the same server, pipelined.</summary>
internal static partial class RedisBenchmark
{
    private const int Appends = 500_000;
    private const string Key = "redis-benchmark";

    public static async Task<double> AppendsPerSecondAsync(Deployment deployment)
    {
        var fields = (await UsualEntryAsync(deployment)).SelectMany(field => new[] { field.Name.ToString(), field.Value.ToString() });
        await using var benchmark = ChildProcess.Start(
            Executable.Find("redis-benchmark", "redis-tools"),
            ["-h", deployment.Redis.Host, "-p", $"{deployment.Redis.Port}", "-P", "32", "-n", $"{Appends}", "-q", "XADD", Key, "*", .. fields]);
        await benchmark.ExitAsync(TimeSpan.FromMinutes(1));
        await deployment.Database.KeyDeleteAsync(Key);
        var rate = Rate().Matches(benchmark.StandardOutput).LastOrDefault() ?? throw new InvalidOperationException($"redis-benchmark said no rate:\n{benchmark.Output}");
        return double.Parse(rate.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>One of the kind that is most frequent among the newest entries.</summary>
    private static async Task<NameValueEntry[]> UsualEntryAsync(Deployment deployment)
    {
        var pages = await Task.WhenAll(Enumerable.Range(0, deployment.Partitions)
            .Select(partition => deployment.Database.StreamRangeAsync(deployment.Keys.Events(partition), count: 1000, messageOrder: Order.Descending)));
        return pages.SelectMany(page => page).GroupBy(entry => (entry.Values[0].Value, entry.Values.Length)).MaxBy(kind => kind.Count())!.First().Values;
    }

    [GeneratedRegex(@"([0-9.]+) requests per second")]
    private static partial Regex Rate();
}
