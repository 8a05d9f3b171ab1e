using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>Random datagrams through the whole pipeline, without sockets and Redis.</summary>
public class DatagramFuzzTests
{

    [Fact]
    public void Random_datagrams_never_throw_and_every_one_is_counted_once()
    {
        foreach (var part in FuzzLines.Parts(FuzzLines.Datagrams, Seed.Print())) Run(part.Lines, part.Seed);
    }

    private static void Run(int lines, int seed)
    {
        var generator = new DatagramGenerator(seed);
        var pipeline = new TestPipeline(FuzzLines.Options);

        for (var n = 1; n <= lines; n++)
        {
            pipeline.Accept(generator.Next());
            if (n % 1000 == 0) FuzzLines.Empty(pipeline.Buffer);
        }

        var counts = pipeline.Counts();
        Assert.Equal(lines, counts.Received);
        HostileInputTests.AssertSum(counts);
        // A generator whose lines all fail, or all pass, tests nothing.
        Assert.InRange(counts.Of(LineOutcomeKind.Event), lines / 100, lines / 2);
        Assert.InRange(counts.Of(LineOutcomeKind.Rejected), lines / 10, lines);
        Assert.Equal(0, counts.Of(LineOutcomeKind.Dropped));
        FuzzLines.Empty(pipeline.Buffer);
        Assert.Equal(0, pipeline.Buffer.EventCount);
        Assert.Equal(0, pipeline.Buffer.ByteCount);
    }

    [Fact]
    public void Events_of_random_datagrams_hold_only_printable_ascii_and_a_valid_host()
    {
        var generator = new DatagramGenerator(Seed.Print());
        var pipeline = new TestPipeline();

        for (var n = 0; n < 50_000; n++)
        {
            var (outcome, fields) = pipeline.Read(generator.Next());
            if (outcome != LineOutcome.Event) continue;
            Assert.Matches("^[a-z0-9._:-]{1,255}$", fields["host"]);
            Assert.All(fields.Values, value => Assert.DoesNotContain(value, letter => letter is < ' ' or > '~'));
        }
    }
}
