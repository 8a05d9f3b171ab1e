using System.Text;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>
/// The hosts of one owned partition in memory: loaded at their first event, changed by the fold, written as differences.
/// What is uncommitted is forgotten with the store: a consumer in doubt makes a new one. Not thread-safe.
/// </summary>
/// <param name="reader">Reads what is stored.</param>
/// <param name="keys">Whose view is written.</param>
/// <param name="partition">Which one.</param>
/// <param name="hostsMax">Hosts there may be, <see cref="StateOptions.HostsMax"/>.</param>
/// <param name="heldMax">Hosts held in memory between two batches; the longest unused are read again when they speak.</param>
/// <param name="legacy">The host whose peers are also written for readers of the original tool; null for none.</param>
public sealed class HostStateStore(
    HostStateReader reader, StateKeys keys, int partition, int hostsMax, int heldMax = HostStateStore.HeldMaxDefault, LegacyHost? legacy = null) : IHostStates
{
    /// <summary>Held hosts of a partition: an idle one costs memory for nothing, and to read one takes two round trips.</summary>
    private const int HeldMaxDefault = 1_000;

    private readonly Dictionary<string, Held> committed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostState> changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> admitted = new(StringComparer.Ordinal);
    private HashSet<string>? indexed;
    private long commits;

    /// <summary>Hosts in memory.</summary>
    public int HeldCount => committed.Count;

    /// <summary>
    /// The host as it is now, or null for a new one beyond <c>hostsMax</c>. Decided by the stored index and by the events since, in their order: whoever
    /// applies the same events again decides the same, however they are cut into batches.
    /// </summary>
    public async ValueTask<HostState?> GetAsync(string host, CancellationToken cancellationToken)
    {
        if (changed.TryGetValue(host, out var state)) return state;
        if (committed.TryGetValue(host, out var held)) return held.State;
        indexed ??= await reader.ReadHostNamesAsync(partition, cancellationToken);
        if (!indexed.Contains(host) && indexed.Count + admitted.Count >= hostsMax) return null;
        state = await reader.ReadAsync(partition, host, cancellationToken);
        if (!indexed.Contains(host)) admitted.Add(host);
        committed.Add(host, new Held(state, commits));
        return state;
    }

    /// <summary>Takes the state after an event; <see cref="GetAsync"/> gave this host before.</summary>
    public void Set(HostState state) => changed[state.Host] = state;

    /// <summary>Records what differs from the last commit: each changed peer once, however many events touched it.</summary>
    /// <returns>How many peers are written.</returns>
    public int WriteTo(FencedBatch batch)
    {
        var peers = 0;
        foreach (var (host, after) in changed)
        {
            WriteHost(batch, host, after);
            foreach (var id in after.Changed.Distinct()) peers += WritePeer(batch, host, id, committed[host].State, after);
        }
        return peers;
    }

    /// <summary>The same in parts, each of which keeps Redis busy for a moment only: for who can say that what is stored is in between two states until the last is written.</summary>
    /// <param name="newBatch">Makes an empty batch.</param>
    /// <param name="hashesMax">Hosts and peers in one part.</param>
    /// <returns>One part or more, made as they are asked for.</returns>
    public IEnumerable<FencedBatch> WriteParts(Func<FencedBatch> newBatch, int hashesMax)
    {
        var (part, hashes) = (newBatch(), 0);
        foreach (var (host, after) in changed)
        {
            WriteHost(part, host, after);
            hashes++;
            foreach (var id in after.Changed.Distinct())
            {
                hashes += WritePeer(part, host, id, committed[host].State, after);
                if (hashes < hashesMax) continue;
                yield return part;
                (part, hashes) = (newBatch(), 0);
            }
        }
        yield return part;
    }

    public void Committed()
    {
        commits++;
        foreach (var (host, state) in changed) committed[host] = new Held(state with { Changed = [] }, commits);
        changed.Clear();
        indexed?.UnionWith(admitted);
        admitted.Clear();
        var surplus = committed.Count - heldMax;
        if (surplus <= 0) return;
        foreach (var host in committed.OrderBy(entry => entry.Value.UsedAt).Take(surplus).Select(entry => entry.Key).ToList()) committed.Remove(host);
    }

    private void WriteHost(FencedBatch batch, string host, HostState after)
    {
        batch.SetHash(keys.Host(partition, host), keys.HasNamedFields ? HostStateHash.Encode(after) : HostStateHash.EncodeState(after));
        if (admitted.Contains(host)) batch.AddToSortedSet(keys.HostIndex(partition), Encoding.UTF8.GetBytes(host));
    }

    /// <returns>1, or 0 for a peer that came and went between two commits.</returns>
    private int WritePeer(FencedBatch batch, string host, PeerId id, HostState before, HostState after)
    {
        var known = before.Peers.ContainsKey(id);
        if (after.Peers.TryGetValue(id, out var peer))
        {
            batch.SetHash(keys.Peer(partition, host, id), keys.HasNamedFields ? PeerStateHash.Encode(host, peer) : PeerStateHash.EncodeState(peer));
            if (!known) batch.AddToSortedSet(keys.PeerIndex(partition), Member(host, id));
            legacy?.Write(batch, after, peer);
            return 1;
        }
        if (!known) return 0;
        batch.DeleteKey(keys.Peer(partition, host, id));
        batch.RemoveFromSortedSet(keys.PeerIndex(partition), Member(host, id));
        return 1;
    }

    private static byte[] Member(string host, PeerId peer) => Encoding.UTF8.GetBytes(StateKeys.Member(host, peer));

    /// <param name="State">As committed.</param>
    /// <param name="UsedAt">At which commit of this store it was read or changed last.</param>
    private readonly record struct Held(HostState State, long UsedAt);
}
