using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>The wake-up hints of all partitions. The client subscribes again by itself after a reconnect; hints published meanwhile are lost, and the poll covers for them.</summary>
internal sealed class WakeHints(IConnectionMultiplexer redis, StreamKeys keys, int partitions, TimeProvider time)
{
    private readonly WakeSignal[] _signals = [.. Enumerable.Range(0, partitions).Select(_ => new WakeSignal(time))];
    private Action<RedisChannel, RedisValue>[] _handlers = [];
    private bool _isSubscribed;

    public WakeSignal this[int partition] => _signals[partition];

    /// <summary>Subscribes if that was not done yet.</summary>
    public async Task SubscribeAsync()
    {
        if (_isSubscribed) return;
        if (_handlers.Length == 0) _handlers = [.. _signals.Select(signal => new Action<RedisChannel, RedisValue>((_, _) => signal.Set()))];
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(_handlers.Select((handler, partition) => subscriber.SubscribeAsync(Channel(partition), handler))).ConfigureAwait(false);
        _isSubscribed = true;
    }

    public async Task UnsubscribeAsync()
    {
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(_handlers.Select((handler, partition) => subscriber.UnsubscribeAsync(Channel(partition), handler))).ConfigureAwait(false);
        _isSubscribed = false;
    }

    private RedisChannel Channel(int partition) => RedisChannel.Literal(keys.Wake(partition));
}
