using System.Diagnostics;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>CPU and memory of one process during a step.</summary>
internal sealed record ProcessCost(string Name, double MicrosecondsPerLine, double ResidentMebibytes);

/// <summary>What became of the lines sent at one rate.</summary>
/// <param name="Rate">Asked for, lines/s.</param>
/// <param name="RateSent">Reached by the generator.</param>
/// <param name="Sent">Lines, each of which is worth an event.</param>
/// <param name="Received">By the collector.</param>
/// <param name="SocketDrops">Dropped by the kernel before the collector.</param>
/// <param name="Dropped">Refused by the collector, its buffer being full.</param>
/// <param name="Appended">Events that stand in the log.</param>
/// <param name="CatchUpSeconds">From the last line until all is applied by every group; infinite when the limit passed.</param>
/// <param name="Costs">By process; the last is the generator.</param>
/// <param name="OthersCores">Cores that processes outside of the benchmark kept busy.</param>
/// <param name="CompilerMicrosecondsPerLine">The part of the services' CPU that compiled methods anew: it ends, if after minutes.</param>
internal sealed record LoadResult(
    double Rate, double RateSent, long Sent, long Received, long SocketDrops, long Dropped, long Appended, double CatchUpSeconds, IReadOnlyList<ProcessCost> Costs, double OthersCores,
    double CompilerMicrosecondsPerLine)
{
    public static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(2);

    /// <summary>What flowed through from the first line sent until the last was applied: a backlog in buffers does not count as speed.</summary>
    public double Sustained => Appended / (Sent / RateSent + CatchUpSeconds);

    public long Lost => Sent - Appended;

    /// <summary>Nothing lost, soon caught up, and the generator kept its rate.</summary>
    public bool IsLossless => Lost == 0 && CatchUpSeconds < CatchUpMax.TotalSeconds && RateSent > 0.98 * Rate;
}

/// <summary>
/// Sends lines at one rate for some seconds and follows them until every reader of the log has applied them. Every step sends the recordings from their beginning, as if
/// all hosts rebooted: what an event costs depends on which it is, and steps of one rate shall be comparable.
/// </summary>
internal sealed class LoadStep(Deployment deployment, IReadOnlyList<string> groups)
{
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(30);

    private double ownCpu;

    public async Task<LoadResult> RunAsync(double rate, double seconds)
    {
        await using var generator = GeneratorProcess.Start(deployment.SyslogPort, rate, seconds, first: 0);
        await generator.BegunAsync();
        var (before, busy, cpu, compiler, start) = (await CountersAsync(), Machine.BusySeconds(), CpuSeconds(), CompilerSeconds(), Stopwatch.GetTimestamp());
        var generated = await generator.EndAsync();

        var catchUp = await CaughtUpAsync(before.Received + before.SocketDrops + generated.Sent);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = CpuSeconds().Select((seconds, index) => seconds - cpu[index]).ToList();
        var others = (Machine.BusySeconds() - busy - used.Sum() - generated.CpuSeconds - (Environment.CpuUsage.TotalTime.TotalSeconds - ownCpu)) / elapsed;
        var compiled = CompilerSeconds().Sum(thread => thread.Value - compiler.GetValueOrDefault(thread.Key));
        var after = await CountersAsync();
        return new(rate, generated.Sent / generated.Seconds, generated.Sent, after.Received - before.Received, after.SocketDrops - before.SocketDrops,
            after.Dropped - before.Dropped, after.Appended - before.Appended, catchUp,
            [.. Processes().Zip(used, (process, seconds) => new ProcessCost(process.Name, seconds / generated.Sent * 1e6, Machine.ResidentMebibytes(process.Id))),
                new("generator", generated.CpuSeconds / generated.Sent * 1e6, 0)],
            Math.Max(0, others), compiled / generated.Sent * 1e6);
    }

    private List<double> CpuSeconds()
    {
        ownCpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        return [.. Processes().Select(process => Machine.CpuSeconds(process.Id))];
    }

    private Dictionary<string, double> CompilerSeconds() => deployment.Services.SelectMany(service => Machine.CompilerSeconds(service.ProcessId)).ToDictionary();

    private IEnumerable<(string Name, int Id)> Processes() =>
        deployment.Services.Take(groups.Count == 0 ? 1 : int.MaxValue).Select(service => (service.Name, service.ProcessId)).Append(("redis", deployment.Redis.ProcessId));

    /// <summary>Waits until all lines came out of the socket, the collector holds nothing back and all groups stand at the end of the log.</summary>
    private async Task<double> CaughtUpAsync(long arrived)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await Wait.Until(async () => await CountersAsync() is var counters && counters.Received + counters.SocketDrops >= arrived, "all lines arrive", GiveUp);
            await Wait.Until(async () => await deployment.Collector.MetricAsync("wgmonitor_collector_buffered_events") == 0, "the collector's buffer is empty", GiveUp);
            foreach (var group in groups) await Wait.Until(() => deployment.IsCaughtUpAsync(group), $"{group} catches up", GiveUp);
        }
        catch (TimeoutException)
        {
            return double.PositiveInfinity;
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task<(long Received, long SocketDrops, long Dropped, long Appended)> CountersAsync() =>
        (await deployment.Collector.MetricAsync("wgmonitor_collector_lines_received_total"), await deployment.Collector.MetricAsync("wgmonitor_collector_socket_drops_total"),
            await deployment.Collector.MetricAsync("wgmonitor_collector_dropped_total"), await deployment.AppendedAsync());
}
