using System.Security.Cryptography;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>Keeps a second repartition away; ends a minute after its process did.</summary>
internal sealed class RepartitionHold : IAsyncDisposable
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(15);

    private readonly IDatabase database;
    private readonly RedisKey key;
    private readonly RedisValue token = RandomNumberGenerator.GetBytes(8);
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource lost = new();
    private Task renewing = Task.CompletedTask;

    private RepartitionHold(IDatabase database, RedisKey key) => (this.database, this.key) = (database, key);

    /// <summary>Cancelled when another may have begun.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Waits as long as a killed run's hold can last.</summary>
    /// <exception cref="RepartitionRefusedException">Another run holds on.</exception>
    public static async Task<RepartitionHold> TakeAsync(IConnectionMultiplexer redis, StreamKeys keys, TimeProvider time)
    {
        var hold = new RepartitionHold(redis.GetDatabase(), keys.Repartition);
        for (var start = time.GetTimestamp(); !await hold.database.LockTakeAsync(hold.key, hold.token, Ttl);)
        {
            if (time.GetElapsedTime(start) > Ttl * 1.5) throw new RepartitionRefusedException("Another repartition is running.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }
        hold.renewing = hold.RenewAsync(time);
        return hold;
    }

    private async Task RenewAsync(TimeProvider time)
    {
        while (true)
        {
            await Task.Delay(Ttl / 3, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            try
            {
                if (await database.LockExtendAsync(key, token, Ttl)) continue;
            }
            catch (Exception exception) when (RedisAway.Is(exception))
            {
                // It may have run out by the next time.
            }
            await lost.CancelAsync();
            return;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await renewing;
        try
        {
            await database.LockReleaseAsync(key, token);
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
        }
        ended.Dispose();
        lost.Dispose();
    }
}
