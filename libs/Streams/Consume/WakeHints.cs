using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// The wake-up hints of the partitions a replica owns: those of others would wake it for nothing, for each append and in every replica. The client subscribes
/// again by itself after a reconnect; hints published meanwhile are lost, and the poll covers for them.
/// </summary>
internal sealed class WakeHints
{
    private readonly IConnectionMultiplexer redis;
    private readonly StreamKeys keys;
    private readonly WakeSignal[] signals;
    private readonly Action<RedisChannel, RedisValue>[] handlers;
    private readonly HashSet<int> followed = [];

    public WakeHints(IConnectionMultiplexer redis, StreamKeys keys, int partitions, TimeProvider time)
    {
        (this.redis, this.keys) = (redis, keys);
        signals = [.. Enumerable.Range(0, partitions).Select(_ => new WakeSignal(time))];
        handlers = [.. signals.Select(signal => new Action<RedisChannel, RedisValue>((_, _) => signal.Set()))];
    }

    public WakeSignal this[int partition] => signals[partition];

    /// <summary>Subscribes to the hints of these partitions and to no others. What failed is tried again by the next call.</summary>
    public async Task FollowAsync(IReadOnlyCollection<int> partitions)
    {
        var subscriber = redis.GetSubscriber();
        await Task.WhenAll(partitions.Except(followed).ToArray().Select(async partition =>
        {
            await subscriber.SubscribeAsync(Channel(partition), handlers[partition]).ConfigureAwait(false);
            lock (followed) followed.Add(partition);
        })).ConfigureAwait(false);
        await Task.WhenAll(followed.Except(partitions).ToArray().Select(async partition =>
        {
            await subscriber.UnsubscribeAsync(Channel(partition), handlers[partition]).ConfigureAwait(false);
            lock (followed) followed.Remove(partition);
        })).ConfigureAwait(false);
    }

    private RedisChannel Channel(int partition) => RedisChannel.Literal(keys.Wake(partition));
}
