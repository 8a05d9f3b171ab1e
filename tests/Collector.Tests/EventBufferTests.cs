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
        for (ulong n = 0; n < 8; n++) Assert.True(buffer.TryWrite(1, Event(n), out _));

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
        for (ulong n = 0; n < 3; n++) Assert.True(buffer.TryWrite(0, Event(n), out _));
        var batch = buffer.Take(0)!;

        Assert.False(buffer.TryWrite(0, Event(4), out _));
        buffer.Settle(batch);
        Assert.True(buffer.TryWrite(0, Event(4), out _));
    }

    [Fact]
    public void Bytes_are_a_bound_of_their_own()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 1_000_000, bytesMax: 1000);

        ulong written = 0;
        while (buffer.TryWrite(0, Event(written), out _)) written++;

        Assert.InRange(buffer.ByteCount, 1000, 1200);
        Assert.Equal((int)written, buffer.EventCount);
    }

    [Fact]
    public async Task Waiting_ends_with_an_event_and_for_ever_with_the_end()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 100, bytesMax: 1 << 20);
        var waiting = buffer.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        buffer.TryWrite(0, Event(1), out _);
        Assert.True(await waiting);
        var waitingAgain = buffer.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(waitingAgain.IsCompleted);
        buffer.Complete();

        Assert.False(await waitingAgain);
        Assert.NotNull(buffer.Take(0));
    }

    [Fact]
    public async Task What_came_behind_a_full_batch_is_announced_although_nobody_had_heard_of_that_batch()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 3, eventsMax: 100, bytesMax: 1 << 20);
        for (ulong n = 0; n < 4; n++) buffer.TryWrite(0, Event(n), out _);
        Assert.True(await buffer.WaitAsync(0, CancellationToken.None));
        Assert.Equal(3, buffer.Take(0)!.Count);

        Assert.True(buffer.WaitAsync(0, CancellationToken.None).AsTask().IsCompletedSuccessfully);

        Assert.Equal(1, buffer.Take(0)!.Count);
    }

    [Fact]
    public async Task Who_waits_for_room_goes_on_when_a_batch_is_settled()
    {
        var buffer = new EventBuffer(1, batchEventsMax: 10, eventsMax: 1, bytesMax: 1 << 20);
        Assert.True(buffer.WaitForRoomAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        buffer.TryWrite(0, Event(1), out _);
        var waiting = buffer.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        buffer.Settle(buffer.Take(0)!);

        await waiting;
        Assert.True(buffer.TryWrite(0, Event(2), out var position));
        Assert.Equal(new EventPosition(0, 2), position);
    }

    [Fact]
    public async Task An_event_is_durable_when_its_number_is_reached_and_waiting_for_it_hurries_its_partition()
    {
        var buffer = new EventBuffer(2, batchEventsMax: 10, eventsMax: 100, bytesMax: 1 << 20);
        buffer.TryWrite(1, Event(1), out var first);
        buffer.TryWrite(1, Event(2), out var second);
        var hurried = buffer.HurriedAsync(1);
        Assert.False(hurried.IsCompleted);

        var waitingForSecond = buffer.WaitDurableAsync(second, TestContext.Current.CancellationToken);
        var waitingForFirst = buffer.WaitDurableAsync(first, TestContext.Current.CancellationToken);
        await hurried;
        Assert.False(buffer.HurriedAsync(0).IsCompleted);
        buffer.Durable(first);

        await waitingForFirst;
        Assert.False(waitingForSecond.IsCompleted);
        buffer.Settle(buffer.Take(1)!);
        Assert.False(buffer.HurriedAsync(1).IsCompleted);
        buffer.Durable(second);
        await waitingForSecond;
        Assert.True(buffer.WaitDurableAsync(first, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }
}
