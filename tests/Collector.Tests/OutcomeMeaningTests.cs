using WgMonitor.Collector.Explain;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests;

public class OutcomeMeaningTests
{
    [Fact]
    public void Every_outcome_has_a_meaning_of_its_own()
    {
        var meanings = Enum.GetValues<LineOutcome>().Select(outcome => OutcomeMeaning.Of(outcome, EventKind.PeerCreated)).ToList();

        Assert.Equal(meanings.Count, meanings.Distinct().Count());
        Assert.All(meanings, meaning => Assert.EndsWith(".", meaning.TrimEnd(')')));
    }
}
