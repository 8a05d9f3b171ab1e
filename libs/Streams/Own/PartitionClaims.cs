using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Ownership of single partitions for one piece of work beside the consumers: a snapshot, a rebuild. Same leases, same fence, same checkpoints.
/// Methods throw what the client throws.
/// </summary>
public sealed class PartitionClaims(IConnectionMultiplexer redis, StreamKeys keys, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time)
{
    private readonly string owner = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly BatchCommitter committer = new(redis, keys, metrics, time);

    /// <summary>Partitions of the log.</summary>
    public int Partitions => options.Value.Partitions;

    /// <summary>Claims a partition for a group that nobody holds; null if somebody does.</summary>
    public async Task<PartitionClaim?> TryClaimAsync(int partition, string group)
    {
        var lease = new Lease(redis, keys, group, owner);
        return await lease.AcquireAsync(partition, options.Value.LeaseTtl, 0).ConfigureAwait(false) is { } grant
            ? await OpenAsync(partition, group, lease, grant).ConfigureAwait(false)
            : null;
    }

    /// <summary>Takes a partition from whoever holds it: nothing the holder has not committed yet will be. It comes back when the claim is given up.</summary>
    public async Task<PartitionClaim> TakeOverAsync(int partition, string group)
    {
        var lease = new Lease(redis, keys, group, owner);
        return await OpenAsync(partition, group, lease, await lease.TakeAsync(partition, options.Value.LeaseTtl).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<PartitionClaim> OpenAsync(int partition, string group, Lease lease, LeaseGrant grant)
    {
        var checkpoint = await ReadCheckpointAsync(partition, group).ConfigureAwait(false);
        var lost = new CancellationTokenSource();
        return new PartitionClaim(new OwnedPartition(partition, group, keys, grant, committer, lost.Token), lost, lease, committer, checkpoint, options.Value.LeaseTtl, time);
    }

    /// <summary>Last entry that a group has applied; zero for none.</summary>
    public async Task<StreamId> ReadCheckpointAsync(int partition, string group) =>
        StreamId.TryParse((string?)await redis.GetDatabase().StringGetAsync(keys.Checkpoint(partition, group), CommandFlags.DemandMaster).ConfigureAwait(false), out var id) ? id : StreamId.Zero;
}
