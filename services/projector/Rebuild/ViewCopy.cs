using System.Text;
using StackExchange.Redis;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Copies and deletes whole views of a partition, in batches that Redis carries out quickly.</summary>
internal sealed class ViewCopy(IConnectionMultiplexer redis, int batchMax)
{
    /// <summary>Copies every host with its peers into an empty view.</summary>
    public async Task CopyAsync(PartitionClaim claim, StateKeys from, StateKeys to, CancellationToken cancellationToken)
    {
        var partition = claim.Partition;
        var reader = new HostStateReader(redis, from);
        foreach (var name in await reader.ReadHostNamesAsync(partition, cancellationToken))
        {
            var host = await reader.ReadAsync(partition, name, cancellationToken);
            foreach (var peers in host.Peers.Values.Chunk(batchMax)) await WritePeersAsync(claim, to, name, peers, cancellationToken);
            var batch = claim.NewBatch();
            batch.SetHash(to.Host(partition, name), HostStateHash.Encode(host));
            batch.AddToSortedSet(to.HostIndex(partition), Encoding.UTF8.GetBytes(name));
            await claim.WriteAsync(batch, cancellationToken);
        }
    }

    private static async Task WritePeersAsync(PartitionClaim claim, StateKeys to, string host, PeerState[] peers, CancellationToken cancellationToken)
    {
        var batch = claim.NewBatch();
        foreach (var peer in peers)
        {
            batch.SetHash(to.Peer(claim.Partition, host, peer.Id), PeerStateHash.Encode(host, peer));
            batch.AddToSortedSet(to.PeerIndex(claim.Partition), Encoding.UTF8.GetBytes(StateKeys.Member(host, peer.Id)));
        }
        await claim.WriteAsync(batch, cancellationToken);
    }

    /// <summary>Deletes a view. Its indexes name everything in it, since a key and its index entry are written together.</summary>
    public async Task DeleteAsync(PartitionClaim claim, StateKeys view, CancellationToken cancellationToken)
    {
        var partition = claim.Partition;
        await DeleteAsync(claim, view.PeerIndex(partition), member => StateKeys.TryParseMember(member, out var host, out var peer) ? view.Peer(partition, host, peer) : null, cancellationToken);
        await DeleteAsync(claim, view.HostIndex(partition), host => view.Host(partition, host), cancellationToken);
    }

    private async Task DeleteAsync(PartitionClaim claim, string index, Func<string, string?> keyOf, CancellationToken cancellationToken)
    {
        while (true)
        {
            var members = await redis.GetDatabase().SortedSetRangeByRankAsync(index, 0, batchMax - 1, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            if (members.Length == 0) return;
            var batch = claim.NewBatch();
            foreach (var member in members)
            {
                if (keyOf(member.ToString()) is { } key) batch.DeleteKey(key);
                batch.RemoveFromSortedSet(index, (byte[])member!);
            }
            await claim.WriteAsync(batch, cancellationToken);
        }
    }
}
