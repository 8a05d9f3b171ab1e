using System.Collections.Concurrent;
using System.Globalization;
using WgMonitor.Simulation.Tests.World;
using Xunit;

namespace WgMonitor.Simulation.Tests;

public class SimulationTests
{
    /// <summary>One seed alone: <c>WGMONITOR_SIMULATION_SEED=17</c>; then its faults and every command are printed.</summary>
    private const string SeedVariable = "WGMONITOR_SIMULATION_SEED";

    /// <summary>How many seeds, from 0; default 1,000.</summary>
    private const string SeedsVariable = "WGMONITOR_SIMULATION_SEEDS";

    [Fact]
    public void Whatever_happens_nothing_is_lost_doubled_or_wrong()
    {
        if (Number(SeedVariable) is { } seed)
        {
            var result = SimulatedRun.Of(seed, trace: Console.WriteLine);
            Console.WriteLine(string.Join('\n', result.Faults));
            Assert.Empty(result.Violations);
            return;
        }

        var failed = new ConcurrentBag<RunResult>();
        long commands = 0;
        var seeds = Number(SeedsVariable) ?? 1000;
        Parallel.For(0, seeds, (seed, loop) =>
        {
            var result = SimulatedRun.Of(seed);
            Interlocked.Add(ref commands, result.Commands);
            if (result.Violations.Count == 0) return;
            failed.Add(result);
            if (failed.Count > 10) loop.Stop();
        });
        Console.WriteLine($"{seeds} seeds, {commands} commands");
        foreach (var result in failed.OrderBy(result => result.Seed))
            Console.WriteLine($"Seed {result.Seed} ({SeedVariable}={result.Seed} runs it alone):\n  {string.Join("\n  ", result.Faults)}\n  {string.Join("\n  ", result.Violations.Take(3))}");
        Assert.Empty(failed);
    }

    [Fact]
    public void The_same_seed_is_the_same_run()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (first, second) = (SimulatedRun.Of(seed), SimulatedRun.Of(seed));

            Assert.Equal((first.Trace, first.Commands), (second.Trace, second.Commands));
        }
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
