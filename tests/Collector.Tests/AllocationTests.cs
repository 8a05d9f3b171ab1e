using Microsoft.Extensions.Time.Testing;
using Microsoft.Extensions.Logging.Abstractions;
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
        var options = new CollectorOptions();
        var buffer = new EventBuffer(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        // The log writes a refusal once a second, and that allocates; with this clock the second never comes.
        var pipeline = new CollectorPipeline(options, buffer, new(NullLogger.Instance, new FakeTimeProvider()));
        Accept(pipeline, buffer, Lines[number], lines: 20_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Accept(pipeline, buffer, Lines[number], lines: 100_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    private static void Accept(CollectorPipeline pipeline, EventBuffer buffer, byte[] line, int lines)
    {
        for (var n = 0; n < lines; n++)
        {
            pipeline.Accept(line, TestPipeline.Received, TestPipeline.Source);
            if (n % 400 != 0) continue;
            for (var partition = 0; partition < buffer.PartitionCount; partition++)
            {
                while (buffer.Take(partition) is { } batch) buffer.Settle(batch);
            }
        }
    }
}
