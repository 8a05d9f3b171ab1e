using WgMonitor.Simulation.Tests.World;
using Xunit;

namespace WgMonitor.Simulation.Tests;

/// <summary>The checkers are only worth something if they find a product without one of its rules wrong.</summary>
public class MutationTests
{
    private const int SeedsMax = 400;

    [Theory]
    [InlineData(Mutation.NoFence)]
    [InlineData(Mutation.NoLeaseInFence)]
    [InlineData(Mutation.NoEpoch)]
    [InlineData(Mutation.NoPendingFirst)]
    [InlineData(Mutation.NoCheckpointRule)]
    [InlineData(Mutation.AcknowledgedFirst)]
    [InlineData(Mutation.NoProducerMark)]
    public void A_product_without_the_rule_is_found_wrong(Mutation mutation)
    {
        for (var seed = 0; seed < SeedsMax; seed++)
        {
            var result = SimulatedRun.Of(seed, mutation);
            if (result.Violations.Count == 0) continue;
            Console.WriteLine($"{mutation}: caught by seed {seed}, the {seed + 1}. of at most {SeedsMax}: {result.Violations[0].Split('\n')[0]}");
            return;
        }

        Assert.Fail($"{mutation} was not noticed in {SeedsMax} seeds.");
    }
}
