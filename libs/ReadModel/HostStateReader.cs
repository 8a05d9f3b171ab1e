using StackExchange.Redis;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// Reads folded state. For the owner of a partition it is exact; for others each key is a moment of its own. A key that holds something else is as absent:
/// anybody with access to Redis can write one, and it must not hide the others.
/// </summary>
/// <param name="redis">Connection.</param>
/// <param name="keys">Whose view is read.</param>
/// <param name="unreadable">Told of every key that holds something else, each time it is met.</param>
/// <param name="flags">Who goes on folding from what is read must ask the primary; a replica may be behind it. Who only shows it may take what there is.</param>
public sealed class HostStateReader(IConnectionMultiplexer redis, StateKeys keys, Action<string, KeyFault>? unreadable = null, CommandFlags flags = CommandFlags.DemandMaster)
{
    /// <summary>How many peers or names are asked for at once: bounds the replies held in memory.</summary>
    private const int AtOnce = 512;

    /// <summary>Whose view is read.</summary>
    public StateKeys Keys => keys;

    /// <summary>The host and all its peers, or an empty state when nothing is stored.</summary>
    /// <exception cref="RedisException">Redis is away; the caller decides how long to wait.</exception>
    public async Task<HostState> ReadAsync(int partition, string host, CancellationToken cancellationToken)
    {
        var state = StateOf(keys.Host(partition, host));
        var members = await MembersAsync(keys.PeerIndex(partition), $"{host}/", $"{host}0", Exclude.Stop, -1, cancellationToken);
        var peers = (await ReadNamedPeersAsync(partition, members, cancellationToken)).Select(entry => entry.Peer).ToList();
        return Decode(partition, host, await state.WaitAsync(cancellationToken), peers) ?? HostStateHash.FromPeers(host, peers);
    }

    /// <summary>A host without its peers; null when nothing is known of it.</summary>
    public async Task<HostState?> ReadHostAsync(int partition, string host, CancellationToken cancellationToken) =>
        Decode(partition, host, await StateOf(keys.Host(partition, host)).WaitAsync(cancellationToken), []);

    /// <summary>The peers of these index members (<c>vpn-01/1/17</c>) that still exist, in their order.</summary>
    public async Task<IReadOnlyList<(string Host, PeerState Peer)>> ReadNamedPeersAsync(int partition, RedisValue[] members, CancellationToken cancellationToken)
    {
        var found = new List<(string, PeerState)>(members.Length);
        foreach (var chunk in members.Chunk(AtOnce))
        {
            var asked = new List<(string Host, PeerId Id, string Key, Task<RedisValue> State)>(chunk.Length);
            foreach (var member in chunk)
            {
                if (!StateKeys.TryParseMember(member.ToString(), out var host, out var id)) continue;
                var key = keys.Peer(partition, host, id);
                asked.Add((host, id, key, StateOf(key)));
            }
            foreach (var (host, id, key, state) in asked)
            {
                if (!PeerStateHash.TryDecode(await state.WaitAsync(cancellationToken), id, out var peer)) unreadable?.Invoke(key, KeyFault.BrokenState);
                else if (peer is not null) found.Add((host, peer));
            }
        }
        return found;
    }

    /// <summary>The names of all hosts of a partition.</summary>
    public async Task<HashSet<string>> ReadHostNamesAsync(int partition, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var after = RedisValue.Null;
        while (true)
        {
            var page = await MembersAsync(keys.HostIndex(partition), after, RedisValue.Null, Exclude.Start, AtOnce, cancellationToken);
            names.UnionWith(page.Select(member => member.ToString()));
            if (page.Length < AtOnce) return names;
            after = page[^1];
        }
    }

    /// <summary>Members of an index in lexical order.</summary>
    public async Task<RedisValue[]> MembersAsync(string index, RedisValue from, RedisValue to, Exclude exclude, long limit, CancellationToken cancellationToken)
    {
        try
        {
            return await redis.GetDatabase().SortedSetRangeByValueAsync(index, from, to, exclude, take: limit, flags: flags).WaitAsync(cancellationToken);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            unreadable?.Invoke(index, KeyFault.WrongType);
            return [];
        }
    }

    private async Task<RedisValue> StateOf(string key)
    {
        try
        {
            return await redis.GetDatabase().HashGetAsync(key, "state", flags);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            unreadable?.Invoke(key, KeyFault.WrongType);
            return RedisValue.Null;
        }
    }

    private HostState? Decode(int partition, string host, RedisValue state, IReadOnlyCollection<PeerState> peers)
    {
        if (HostStateHash.TryDecode(host, state, peers, out var decoded)) return decoded;
        unreadable?.Invoke(keys.Host(partition, host), KeyFault.BrokenState);
        return null;
    }
}
