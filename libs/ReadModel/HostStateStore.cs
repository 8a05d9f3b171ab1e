using System.Text;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>
/// The hosts of one owned partition in memory: loaded at their first event, changed by the fold, written as differences.
/// What is uncommitted is forgotten with the store: a consumer in doubt makes a new one. Not thread-safe.
/// </summary>
public sealed class HostStateStore(HostStateReader reader, StateKeys keys, int partition)
{
    private readonly Dictionary<string, HostState> committed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostState> changed = new(StringComparer.Ordinal);

    public async ValueTask<HostState> GetAsync(string host, CancellationToken cancellationToken)
    {
        if (changed.TryGetValue(host, out var state) || committed.TryGetValue(host, out state)) return state;
        state = await reader.ReadAsync(partition, host, cancellationToken);
        committed.Add(host, state);
        return state;
    }

    /// <summary>Takes the state after an event; <see cref="GetAsync"/> was called for this host before.</summary>
    public void Set(HostState state) => changed[state.Host] = state;

    /// <summary>Records what differs from the last commit: each changed peer once, however many events touched it.</summary>
    /// <returns>How many peers are written.</returns>
    public int WriteTo(FencedBatch batch)
    {
        var peers = 0;
        foreach (var (host, after) in changed)
        {
            var before = committed[host];
            batch.SetHash(keys.Host(partition, host), keys.HasNamedFields ? HostStateHash.Encode(after) : HostStateHash.EncodeState(after));
            if (before.Lines == 0) batch.AddToSortedSet(keys.HostIndex(partition), Encoding.UTF8.GetBytes(host));
            peers += WritePeers(batch, host, before, after);
        }
        return peers;
    }

    public void Committed()
    {
        foreach (var (host, state) in changed) committed[host] = state with { Changed = [] };
        changed.Clear();
    }

    private int WritePeers(FencedBatch batch, string host, HostState before, HostState after)
    {
        var written = 0;
        foreach (var id in after.Changed.Distinct())
        {
            var known = before.Peers.ContainsKey(id);
            if (after.Peers.TryGetValue(id, out var peer))
            {
                batch.SetHash(keys.Peer(partition, host, id), keys.HasNamedFields ? PeerStateHash.Encode(host, peer) : PeerStateHash.EncodeState(peer));
                if (!known) batch.AddToSortedSet(keys.PeerIndex(partition), Member(host, id));
                written++;
            }
            else if (known)
            {
                batch.DeleteKey(keys.Peer(partition, host, id));
                batch.RemoveFromSortedSet(keys.PeerIndex(partition), Member(host, id));
                written++;
            }
        }
        return written;
    }

    private static byte[] Member(string host, PeerId peer) => Encoding.UTF8.GetBytes(StateKeys.Member(host, peer));
}
