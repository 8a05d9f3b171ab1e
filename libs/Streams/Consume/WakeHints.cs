using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>The wake-up hints of all partitions. The client subscribes again by itself after a reconnect; hints published meanwhile are lost, and the poll covers for them.</summary>
internal sealed class WakeHints(IConnectionMultiplexer redis, StreamKeys keys, int partitions, TimeProvider time)
{
    private readonly WakeSignal[] signals = [.. Enumerable.Range(0, partitions).Select(_ => new WakeSignal(time))];
    private Action<RedisChannel, RedisValue>[] handlers = [];
    private bool isSubscribed;

    public WakeSignal this[int partition] => signals[partition];

    /// <summary>Subscribes if that was not done yet.</summary>
    public async Task SubscribeAsync()
    {
        if (isSubscribed) return;
        if (handlers.Length == 0) handlers = [.. signals.Select(signal => new Action<RedisChannel, RedisValue>((_, _) => signal.Set()))];
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(handlers.Select((handler, partition) => subscriber.SubscribeAsync(Channel(partition), handler))).ConfigureAwait(false);
        isSubscribed = true;
    }

    public async Task UnsubscribeAsync()
    {
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(handlers.Select((handler, partition) => subscriber.UnsubscribeAsync(Channel(partition), handler))).ConfigureAwait(false);
        isSubscribed = false;
    }

    private RedisChannel Channel(int partition) => RedisChannel.Literal(keys.Wake(partition));
}
