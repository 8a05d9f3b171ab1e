using StackExchange.Redis;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>Reads folded state. For the owner of a partition it is exact; for others each key is a moment of its own.</summary>
public sealed class HostStateReader(IConnectionMultiplexer redis, StateKeys keys)
{
    /// <summary>How many peers are asked for at once: bounds the replies held in memory.</summary>
    private const int PeersAtOnce = 512;

    /// <summary>The host and all its peers, or an empty state when nothing is stored.</summary>
    /// <exception cref="RedisException">Redis is away; the caller decides how long to wait.</exception>
    public async Task<HostState> ReadAsync(int partition, string host, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var state = await database.HashGetAsync(keys.Host(partition, host), "state").WaitAsync(cancellationToken);
        var members = await database.SortedSetRangeByValueAsync(keys.PeerIndex(partition), $"{host}/", $"{host}0", Exclude.Stop).WaitAsync(cancellationToken);
        var peers = await ReadNamedPeersAsync(partition, members, cancellationToken);
        return HostStateHash.Decode(host, state, peers.Select(entry => entry.Peer));
    }

    /// <summary>The peers of these index members (<c>vpn-01/1/17</c>) that still exist, in their order.</summary>
    public async Task<IReadOnlyList<(string Host, PeerState Peer)>> ReadNamedPeersAsync(int partition, RedisValue[] members, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var found = new List<(string, PeerState)>(members.Length);
        foreach (var chunk in members.Chunk(PeersAtOnce))
        {
            var asked = new List<(string Host, Task<RedisValue> State)>(chunk.Length);
            foreach (var member in chunk)
            {
                if (!StateKeys.TryParseMember(member.ToString(), out var host, out var peer)) continue;
                asked.Add((host, database.HashGetAsync(keys.Peer(partition, host, peer), "state")));
            }
            foreach (var (host, state) in asked)
            {
                if (PeerStateHash.Decode(await state.WaitAsync(cancellationToken)) is { } peer) found.Add((host, peer));
            }
        }
        return found;
    }
}
