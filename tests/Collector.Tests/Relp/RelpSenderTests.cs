using WgMonitor.Collector.Relp;
using Xunit;

namespace WgMonitor.Collector.Tests.Relp;

public class RelpSenderTests
{
    private static readonly FrameSource Source = TestPipeline.Source with { Trust = Events.TrustLevel.Tcp };

    private static RelpFrameId Id(RelpSender sender, int n) => new(sender.Id, (ulong)n + 1);

    [Fact]
    public void The_last_messages_are_known_and_those_before_forgotten()
    {
        var senders = new RelpSenders(null);
        var sender = senders.Opened(Source);
        for (var n = 0; n < 5000; n++) sender.Add(Id(sender, n), new(1, n + 1));
        sender.Closed(nothingUnacknowledged: false);
        Assert.Same(sender, senders.Opened(Source with { Port = 4711 }));

        var watch = default(RepeatWatch);
        Assert.False(sender.IsRepeated(Id(sender, 4999 - RelpSender.FramesMax), ref watch, out _));
        Assert.True(sender.IsRepeated(Id(sender, 5000 - RelpSender.FramesMax), ref watch, out _));
        Assert.True(sender.IsRepeated(Id(sender, 4999), ref watch, out var position));
        Assert.Equal(5000, position.Number);
    }

    [Fact]
    public void A_session_that_repeats_nothing_stops_looking_until_another_begins()
    {
        var senders = new RelpSenders(null);
        var sender = senders.Opened(Source);
        sender.Add(Id(sender, 0), new(1, 1));
        sender.Opened(2);
        var watch = default(RepeatWatch);
        for (var n = 1; n <= 1024; n++) Assert.False(sender.IsRepeated(Id(sender, n), ref watch, out _));

        Assert.False(sender.IsRepeated(Id(sender, 0), ref watch, out _));
        sender.Opened(3);
        Assert.True(sender.IsRepeated(Id(sender, 0), ref watch, out _));
    }

    [Fact]
    public void A_message_that_is_looked_up_and_remembered_allocates_nothing()
    {
        var senders = new RelpSenders(null);
        var sender = senders.Opened(Source);
        var line = TestPipeline.Bytes(TestPipeline.L0);
        Look(5000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Look(50_000);

        Allocated.NothingALine(GC.GetAllocatedBytesForCurrentThread() - before, 50_000);

        void Look(int times)
        {
            var watch = default(RepeatWatch);
            for (var n = 0; n < times; n++)
            {
                sender.Opened(n);
                line[^2] = (byte)n;
                var id = senders.IdOf(sender, line);
                if (!sender.IsRepeated(id, ref watch, out _)) sender.Add(id, new(1, n));
                sender.Add(Id(sender, n), new(1, n));
            }
        }
    }
}
