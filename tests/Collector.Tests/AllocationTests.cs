using Microsoft.Extensions.Time.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests;

public class AllocationTests
{
    private static readonly byte[][] Lines =
    [
        .. new[]
        {
            TestPipeline.L0,
            "<7>2026-11-22T12:00:00.882452+00:00 vpn-gw kernel: [   13.115771] wireguard: wg0: Keypair 5 created for peer 2",
            "<7>1 2026-11-22T12:00:00.882452+00:00 vpn-gw kernel - - - [   13.115771] wireguard: wg1: Receiving handshake initiation from peer 26 ([2001:db8::2]:51821/0%0)\n",
            "<7>Nov 22 12:00:00 kernel: wireguard: wg0: Handshake for peer 3 (192.0.2.9:51820) did not complete after 5 seconds, retrying (try 5)",
            "<4>Nov 22 12:00:00 vpn-gw kernel: [   13.115771] net_ratelimit: 4 callbacks suppressed",
            "<6>Nov 22 12:00:00 vpn-gw kernel: [   13.115771] ACPI: PM-Timer IO Port: 0x608",
            "<30>Nov 22 12:00:00 vpn-gw systemd[1]: Started Session 5 of user root.",
            "<7>Nov 22 12:00:00 vpn-gw kernel: [   13.115771] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5",
            "<999>garbage",
            "",
        }.Select(TestPipeline.Bytes),
    ];

    public static TheoryData<int> LineNumbers() => [.. Enumerable.Range(0, Lines.Length)];

    [Theory]
    [MemberData(nameof(LineNumbers))]
    public void A_line_from_datagram_to_batch_allocates_nothing(int number)
    {
        // Without a limit every line takes all steps; the limit itself has its own case below.
        var options = new CollectorOptions { Limits = new() { SourceLinesPerSecond = 0 } };
        var buffer = new EventBuffer(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        // The log writes a refusal once a second, and that allocates; with this clock the second never comes.
        var pipeline = new CollectorPipeline(options, buffer, new(NullLogger.Instance, new FakeTimeProvider()));
        Accept(pipeline, buffer, Lines[number], lines: 20_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Accept(pipeline, buffer, Lines[number], lines: 100_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Allocated.NothingALine(allocated, lines: 100_000);
    }

    [Fact]
    public void Lines_that_came_together_allocate_nothing()
    {
        var options = new CollectorOptions { Limits = new() { SourceLinesPerSecond = 0 } };
        var buffer = new EventBuffer(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        var pipeline = new CollectorPipeline(options, buffer, new(NullLogger.Instance, new FakeTimeProvider()));
        ReceivedFrame[] frames = [.. Lines.Select(line => new ReceivedFrame(line, TestPipeline.Source, null)), new(Lines[0], TestPipeline.Source, LineOutcome.RejectedOversize)];
        AcceptAll(2_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        AcceptAll(10_000);

        Allocated.NothingALine(GC.GetAllocatedBytesForCurrentThread() - before, 10_000 * frames.Length);

        void AcceptAll(int times)
        {
            for (var n = 0; n < times; n++)
            {
                pipeline.AcceptAll(frames, TestPipeline.Received);
                if (n % 40 == 0) Empty(buffer);
            }
        }
    }

    [Fact]
    public void A_sweep_of_sources_that_is_limited_allocates_nothing()
    {
        var options = new CollectorOptions { Allow = ["198.51.100.0/24", "0.0.0.0/1"], Limits = new() { SourceLinesBurst = 2 } };
        var buffer = new EventBuffer(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        var pipeline = new CollectorPipeline(options, buffer, new(NullLogger.Instance, new FakeTimeProvider()));
        Sweep(pipeline, buffer, 0, 20_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Sweep(pipeline, buffer, 20_000, 100_000);

        Allocated.NothingALine(GC.GetAllocatedBytesForCurrentThread() - before, 80_000);
    }

    private static void Sweep(CollectorPipeline pipeline, EventBuffer buffer, uint from, uint to)
    {
        for (var n = from; n < to; n++)
        {
            var source = new FrameSource(InternetAddress.FromV4(n % 3 == 0 ? 0xc6336407 : n), 514);
            pipeline.Accept(Lines[0], TestPipeline.Received, source);
            Empty(buffer);
        }
    }

    private static void Accept(CollectorPipeline pipeline, EventBuffer buffer, byte[] line, int lines)
    {
        for (var n = 0; n < lines; n++)
        {
            pipeline.Accept(line, TestPipeline.Received, TestPipeline.Source);
            if (n % 400 == 0) Empty(buffer);
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
