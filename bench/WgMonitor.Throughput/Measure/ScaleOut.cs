using System.Globalization;
using WgMonitor.ReadModel;
using WgMonitor.Throughput.Deploy;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// What replicas and partitions cost: CPU an event at a modest and at a high rate, whatever the number of replicas, and at a rate that grows with them; and CPU a
/// second while nothing comes.
/// </summary>
internal static class ScaleOut
{
    private const double Seconds = 15;

    // Each replica compiles its own methods anew, with few events each for minutes: before that is over, the figures are the compiler's.
    private const double WarmUpStepSeconds = 20;
    private const double WarmUpSecondsMax = 600;
    private const double CompilerMicrosecondsMax = 1;

    private const double RateOfReplica = 2_500;

    private static readonly double[] Rates = [4_000, 20_000];
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private static readonly (int Replicas, int Partitions)[] Shapes = [(1, 8), (2, 8), (4, 8), (8, 8), (1, 16), (1, 32), (8, 32)];

    /// <param name="shapes">Replicas x partitions, as 8x32; none is all.</param>
    public static async Task MeasureAsync(IReadOnlyList<string> shapes)
    {
        Console.WriteLine("\n## Replicas and partitions\n");
        Console.WriteLine("| replicas | partitions | lines/s | lost | collector us | projectors us | notifiers us | redis us | all us | of it compiler us | warmed up s | idle ms a s | others' cores | load |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (replicas, partitions) in Shapes.Where(shape => shapes.Count == 0 || shapes.Contains($"{shape.Replicas}x{shape.Partitions}"))) await MeasureAsync(replicas, partitions);
    }

    private static async Task MeasureAsync(int replicas, int partitions)
    {
        await using var deployment = await Deployment.StartAsync(replicas: replicas, partitions: partitions);
        var step = new LoadStep(deployment, ConsumerGroups.All);
        var warmedUp = await WarmUpAsync(step);
        var cpu = CpuSeconds(deployment);
        await Task.Delay(Idle);
        var idle = (CpuSeconds(deployment) - cpu) / Idle.TotalSeconds * 1e3;
        // Each rate twice, and in the same order for every shape: what two figures of one shape differ by is noise.
        foreach (var rate in Rates.Concat(Rates).Append(RateOfReplica * replicas))
        {
            var result = await step.RunAsync(rate, Seconds);
            double Of(string name) => result.Costs.Where(cost => cost.Name == name).Sum(cost => cost.MicrosecondsPerLine);
            var all = Of("collector") + Of("projector") + Of("notifier") + Of("redis");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {replicas} | {partitions} | {rate:N0} | {result.Lost} | {Of("collector"):F1} | {Of("projector"):F1} | {Of("notifier"):F1} | {Of("redis"):F1} | {all:F1} | {result.CompilerMicrosecondsPerLine:F1} | {warmedUp:F0} | {idle:F1} | {result.OthersCores:F2} | {Machine.Load} |"));
        }
    }

    private static async Task<double> WarmUpAsync(LoadStep step)
    {
        for (var seconds = WarmUpStepSeconds; ; seconds += WarmUpStepSeconds)
        {
            var result = await step.RunAsync(Rates[^1], WarmUpStepSeconds);
            if (result.CompilerMicrosecondsPerLine < CompilerMicrosecondsMax || seconds >= WarmUpSecondsMax) return seconds;
        }
    }

    private static double CpuSeconds(Deployment deployment) =>
        deployment.Services.Sum(service => Machine.CpuSeconds(service.ProcessId)) + Machine.CpuSeconds(deployment.Redis.ProcessId);
}
