using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>
/// The one host whose peers are kept as <see cref="LegacyPeerHash"/> too. Their keys hold the kernel's number alone, which is good for the running load of the
/// module of one host: peers of other hosts and of earlier loads are not written.
/// </summary>
/// <remarks>
/// The hashes lie in no partition, and are written in the commit script all the same: so they change together with the state, and an owner that lost its
/// partition cannot write them either. One host is in one partition, so nobody else writes them. A cluster does not allow it.
/// </remarks>
/// <param name="name">As in events.</param>
public sealed class LegacyHost(string name)
{
    /// <summary>As in events.</summary>
    public string Name => name;

    /// <summary>Records the peer in a batch, if it belongs to the host's running load and anything is known that the hash can hold.</summary>
    /// <param name="batch">That of the host's partition.</param>
    /// <param name="host">The host of the peer.</param>
    /// <param name="peer">As it is now. A gone one keeps its hash: the original never deleted one.</param>
    /// <returns>Whether it was recorded.</returns>
    public bool Write(FencedBatch batch, HostState host, PeerState peer)
    {
        if (host.Host != name || peer.Id.Epoch != host.Epoch.Number) return false;
        var (known, absent) = LegacyPeerHash.Encode(peer);
        if (known.Length == 0) return false;
        // What the peer before had under this number must not stay beside what is known of this one.
        batch.SetHashOutside(LegacyPeerHash.Key(peer.Id.Number), known, absent);
        return true;
    }
}
