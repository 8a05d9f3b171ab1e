using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>The right to write a partition for a group, as this process holds it.</summary>
/// <param name="Owner">Random id of the process, new at every start.</param>
/// <param name="Epoch">Grows with every grant, also one to the same owner.</param>
internal readonly record struct LeaseGrant(string Owner, long Epoch);

/// <summary>
/// Leases of a group's partitions. All times are Redis server time, so the replicas' clocks do not matter. A lease that ran out stays its owner's until
/// somebody else takes it; the commit script compares owner and epoch, not the time.
/// </summary>
internal sealed class Lease(IConnectionMultiplexer redis, StreamKeys keys, string group, string owner)
{
    /// <summary>Takes a free or expired lease.</summary>
    /// <param name="partition">Which partition.</param>
    /// <param name="ttl">How long it holds without renewal.</param>
    /// <param name="epochSeen">Highest epoch this process knows of; the new one is higher even if Redis lost its memory of it.</param>
    /// <returns>Null if another owner holds it.</returns>
    public async Task<LeaseGrant?> AcquireAsync(int partition, TimeSpan ttl, long epochSeen)
    {
        var reply = await EvaluateAsync(partition, "acquire", epochSeen, ttl).ConfigureAwait(false);
        return (string?)reply[0] == "OK" ? new LeaseGrant(owner, (long)reply[1]) : null;
    }

    /// <summary>Takes the lease whoever holds it: the epoch fences the holder off.</summary>
    /// <param name="partition">Which partition.</param>
    /// <param name="ttl">How long it holds without renewal.</param>
    public async Task<LeaseGrant> TakeAsync(int partition, TimeSpan ttl)
    {
        var reply = await EvaluateAsync(partition, "take", 0, ttl).ConfigureAwait(false);
        return new LeaseGrant(owner, (long)reply[1]);
    }

    /// <summary>Prolongs the lease; false if it is another's now.</summary>
    public async Task<bool> RenewAsync(int partition, LeaseGrant grant, TimeSpan ttl) =>
        (string?)(await EvaluateAsync(partition, "renew", grant.Epoch, ttl).ConfigureAwait(false))[0] == "OK";

    /// <summary>Gives the lease back; false if it was another's already.</summary>
    public async Task<bool> ReleaseAsync(int partition, LeaseGrant grant) =>
        (string?)(await EvaluateAsync(partition, "release", grant.Epoch, TimeSpan.Zero).ConfigureAwait(false))[0] == "OK";

    private Task<RedisResult> EvaluateAsync(int partition, string operation, long epoch, TimeSpan ttl) =>
        RedisScript.Lease.EvaluateAsync(redis.GetDatabase(), [keys.Lease(partition, group)], [operation, owner, epoch, (long)ttl.TotalMilliseconds]);
}
