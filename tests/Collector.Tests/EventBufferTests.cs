using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests;

public class EventBufferTests
{
    private static EventFields Event(ulong keypair) => new() { Kind = EventKind.KeypairCreated, Host = "h"u8, Interface = "wg0"u8, Keypair = keypair, Peer = 1 };

    [Fact]
    public void Full_batches_come_out_oldest_first_and_the_rest_after_them()
    {
        var buffer = new EventBuffer(2, batchEventsMax: 3, eventsMax: 100, bytesMax: 1 << 20);
        for (ulong n = 0; n < 8; n++) Assert.True(buffer.TryWrite(1, Event(n)));

        List<int> counts = [];
        while (buffer.Take(1) is { } batch)
        {
            counts.Add(batch.Count);
            buffer.Settle(batch);
        }

        Assert.Equal([3, 3, 2], counts);
        Assert.Null(buffer.Take(0));
        Assert.Equal(0, buffer.EventCount);
        Assert.Equal(0, buffer.ByteCount);
    }

    [Fact]
    public void What_is_taken_counts_until_it_is_settled()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 3, bytesMax: 1 << 20);
        for (ulong n = 0; n < 3; n++) Assert.True(buffer.TryWrite(0, Event(n)));
        var batch = buffer.Take(0)!;

        Assert.False(buffer.TryWrite(0, Event(4)));
        buffer.Settle(batch);
        Assert.True(buffer.TryWrite(0, Event(4)));
    }

    [Fact]
    public void Bytes_are_a_bound_of_their_own()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 1_000_000, bytesMax: 1000);

        ulong written = 0;
        while (buffer.TryWrite(0, Event(written))) written++;

        Assert.InRange(buffer.ByteCount, 1000, 1200);
        Assert.Equal((int)written, buffer.EventCount);
    }

    [Fact]
    public async Task Waiting_ends_with_an_event_and_for_ever_with_the_end()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 100, bytesMax: 1 << 20);
        var waiting = buffer.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        buffer.TryWrite(0, Event(1));
        Assert.True(await waiting);
        var waitingAgain = buffer.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(waitingAgain.IsCompleted);
        buffer.Complete();

        Assert.False(await waitingAgain);
        Assert.NotNull(buffer.Take(0));
    }
}
