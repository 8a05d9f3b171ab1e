using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests;

/// <summary>
/// Random datagrams: bytes of all kinds, and real lines cut, flipped, doubled and glued. WGMONITOR_FUZZ_LINES sets how many; the default takes about a second.
/// </summary>
public class FuzzTests
{
    private const int LinesDefault = 300_000;

    [Fact]
    public void Random_datagrams_never_throw_and_every_one_is_counted_once()
    {
        var lines = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_FUZZ_LINES"), out var given) ? given : LinesDefault;
        var generator = new DatagramGenerator(Seed.Print());
        // Random names are no cardinality limit's test: every line goes all the way.
        var pipeline = new TestPipeline(new() { Limits = new() { SourceLinesPerSecond = 0, HostsMax = 100_000, InterfacesPerHostMax = 10_000, NewPeersPerMinute = 0 } });

        for (var n = 1; n <= lines; n++)
        {
            pipeline.Accept(generator.Next());
            if (n % 1000 == 0) Empty(pipeline.Buffer);
        }

        var counts = pipeline.Counts();
        Assert.Equal(lines, counts.Received);
        HostileInputTests.AssertSum(counts);
        // A generator whose lines all fail, or all pass, tests nothing.
        Assert.InRange(counts.Of(LineOutcomeKind.Event), lines / 100, lines / 2);
        Assert.InRange(counts.Of(LineOutcomeKind.Rejected), lines / 10, lines);
        Assert.Equal(0, counts.Of(LineOutcomeKind.Dropped));
        Empty(pipeline.Buffer);
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

    private static void Empty(EventBuffer buffer)
    {
        for (var partition = 0; partition < buffer.PartitionCount; partition++)
        {
            while (buffer.Take(partition) is { } batch) buffer.Settle(batch);
        }
    }
}
