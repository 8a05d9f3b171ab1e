using System.Text;
using StackExchange.Redis;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>One peer with the host it belongs to.</summary>
/// <param name="Host">State of the host; its peers are not loaded.</param>
/// <param name="Peer">The peer.</param>
public sealed record ListedPeer(HostState Host, PeerState Peer)
{
    /// <summary><c>vpn-01/1/17</c>: host, epoch, number.</summary>
    public string Id => StateKeys.Member(Host.Host, Peer.Id);
}

/// <summary>A part of the list of peers.</summary>
/// <param name="Peers">In id order. Fewer than asked for, even none, where peers were forgotten between the index and now, or cannot be read.</param>
/// <param name="Next">The last member of the index that was read, to go on behind it; null at the end of the list.</param>
public sealed record PeerPage(IReadOnlyList<ListedPeer> Peers, string? Next);

/// <summary>The peers and hosts of all partitions, in lexical order of their names, a page at a time.</summary>
/// <param name="redis">Connection.</param>
/// <param name="generations">Which generation of the projector's view is read.</param>
/// <param name="partitions">Of the log.</param>
/// <param name="unreadable">Told of every key that holds something else, each time it is met; its peer or host is as absent.</param>
public sealed class PeerDirectory(IConnectionMultiplexer redis, StateGenerations generations, int partitions, Action<string, KeyFault> unreadable)
{

    /// <summary>Up to <paramref name="limit"/> peers whose id is behind <paramref name="after"/>.</summary>
    public async Task<PeerPage> ReadPageAsync(string after, int limit, CancellationToken cancellationToken)
    {
        var pages = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => ReadMembersAsync(keys => keys.PeerIndex(partition), partition, after, limit, cancellationToken)));
        var members = pages.SelectMany(page => page).OrderBy(entry => entry.Member, StringComparer.Ordinal).Take(limit).ToList();
        return await ReadPageAsync(members, limit, cancellationToken);
    }

    /// <summary>Up to <paramref name="limit"/> peers of one host whose id is behind <paramref name="after"/>.</summary>
    public async Task<PeerPage> ReadHostPageAsync(string host, string after, int limit, CancellationToken cancellationToken)
    {
        var partition = PartitionOf(host);
        var from = string.CompareOrdinal(after, $"{host}/") > 0 ? after : $"{host}/";
        var reader = await ReaderAsync(partition, cancellationToken);
        var members = await reader.MembersAsync(reader.Keys.PeerIndex(partition), from, $"{host}0", Exclude.Both, limit, cancellationToken);
        return await ReadPageAsync([.. members.Select(member => (member.ToString(), partition))], limit, cancellationToken);
    }

    /// <summary>One peer, or null.</summary>
    public async Task<ListedPeer?> ReadAsync(string host, PeerId peer, CancellationToken cancellationToken)
    {
        var found = await ReadAsync([(StateKeys.Member(host, peer), PartitionOf(host))], cancellationToken);
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>Names of all hosts behind <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<string>> ReadHostNamesAsync(string after, int limit, CancellationToken cancellationToken)
    {
        var pages = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => ReadMembersAsync(keys => keys.HostIndex(partition), partition, after, limit, cancellationToken)));
        return [.. pages.SelectMany(page => page).Select(entry => entry.Member).Order(StringComparer.Ordinal).Take(limit)];
    }

    /// <summary>A host without its peers; null when nothing is known of it.</summary>
    public async Task<HostState?> ReadHostAsync(string host, CancellationToken cancellationToken)
    {
        var partition = PartitionOf(host);
        return await (await ReaderAsync(partition, cancellationToken)).ReadHostAsync(partition, host, cancellationToken);
    }

    private async Task<IReadOnlyList<(string Member, int Partition)>> ReadMembersAsync(
        Func<StateKeys, string> index, int partition, string after, int limit, CancellationToken cancellationToken)
    {
        var reader = await ReaderAsync(partition, cancellationToken);
        var from = after.Length == 0 ? RedisValue.Null : (RedisValue)after;
        var members = await reader.MembersAsync(index(reader.Keys), from, RedisValue.Null, Exclude.Start, limit, cancellationToken);
        return [.. members.Select(member => (member.ToString(), partition))];
    }

    /// <summary>Whether there is more is told by the index: a peer whose hash is gone must not end the walk of a reader.</summary>
    private async Task<PeerPage> ReadPageAsync(IReadOnlyList<(string Member, int Partition)> members, int limit, CancellationToken cancellationToken) =>
        new(await ReadAsync(members, cancellationToken), members.Count == limit ? members[^1].Member : null);

    private async Task<IReadOnlyList<ListedPeer>> ReadAsync(IReadOnlyList<(string Member, int Partition)> members, CancellationToken cancellationToken)
    {
        var hosts = new Dictionary<string, HostState>(StringComparer.Ordinal);
        var listed = new List<ListedPeer>(members.Count);
        foreach (var partition in members.GroupBy(entry => entry.Partition))
        {
            RedisValue[] names = [.. partition.Select(entry => (RedisValue)entry.Member)];
            var reader = await ReaderAsync(partition.Key, cancellationToken);
            foreach (var (host, peer) in await reader.ReadNamedPeersAsync(partition.Key, names, cancellationToken))
            {
                if (!hosts.TryGetValue(host, out var state)) hosts.Add(host, state = await reader.ReadHostAsync(partition.Key, host, cancellationToken) ?? HostState.Of(host));
                listed.Add(new(state, peer));
            }
        }
        listed.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return listed;
    }

    private async Task<HostStateReader> ReaderAsync(int partition, CancellationToken cancellationToken) =>
        new(redis, await generations.LiveKeysAsync(partition, cancellationToken, CommandFlags.PreferMaster), unreadable, CommandFlags.PreferMaster);

    private int PartitionOf(string host) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), partitions);
}
