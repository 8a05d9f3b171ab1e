using WgMonitor.Events;

namespace WgMonitor.Collector.Trust;

/// <summary>
/// Hosts, their devices and their peers that were heard of lately. A known one always passes; a new one only within the limits, so that who can send a
/// line cannot make the log, its readers and Redis grow without end.
/// </summary>
/// <remarks>
/// New peers are also bounded in their rate, by source and host. A host that a source speaks for the first time may bring as many peers at once as a
/// device may have: after a start of the collector all peers of a server are new. One source may bring a share of the hosts only, so that the others keep
/// room. Not thread-safe.
/// </remarks>
internal sealed class KnownIdentities
{
    private readonly LimitOptions limits;
    private readonly IdentityHash hash;
    private readonly IdentityTable sources;
    private readonly IdentityTable hosts;
    private readonly IdentityTable interfaces;
    private readonly IdentityTable peers;
    private readonly TokenBuckets newPeers;
    private readonly long keptMicroseconds;

    public KnownIdentities(LimitOptions limits, IdentityHash hash)
    {
        this.limits = limits;
        this.hash = hash;
        // Only those that brought a host, which is known.
        sources = new(limits.HostsMax);
        hosts = new(limits.HostsMax);
        interfaces = new(limits.PeersMax);
        peers = new(limits.PeersMax);
        newPeers = new(limits.SourcesMax, limits.NewPeersPerMinute / 60.0, limits.PeersPerInterfaceMax);
        keptMicroseconds = (long)limits.IdentitiesKept.TotalMicroseconds;
    }

    /// <summary>Hosts, devices and peers known.</summary>
    public (int Hosts, int Interfaces, int Peers) Count => (hosts.Count, interfaces.Count, peers.Count);

    /// <summary>Lets an event pass and remembers whom it names, or says which limit forbids it; then nothing new is remembered.</summary>
    /// <param name="e">Event with its host.</param>
    /// <param name="source">Sender's network, by <see cref="IdentityHash.Of(InternetAddress)"/>.</param>
    /// <param name="nowMicroseconds">Time of receipt.</param>
    public CardinalityLimit Admit(scoped in EventFields e, ulong source, long nowMicroseconds)
    {
        var hostKey = hash.Of(e.Host);
        if (e.Interface.IsEmpty) return AdmitHost(hostKey, source, nowMicroseconds, out _);
        var interfaceKey = hash.Of(e.Interface, hostKey);
        if (!EventKinds.NamesPeer(e.Kind)) return AdmitInterface(interfaceKey, hostKey, source, nowMicroseconds, out _);

        var peerKey = hash.Of(e.Peer, interfaceKey);
        var peer = peers.Find(peerKey);
        if (peer >= 0) Heard(peer, nowMicroseconds);
        else if (AdmitPeer(peerKey, interfaceKey, hostKey, source, nowMicroseconds, out peer) is var limit and not CardinalityLimit.None) return limit;
        // The number never returns: its place is free for the next, and who took part in making it may make another.
        if (e.Kind == EventKind.PeerDestroyed) Forget(peer, hash.Of(source, hostKey));
        return CardinalityLimit.None;
    }

    private CardinalityLimit AdmitHost(ulong key, ulong source, long now, out int slot)
    {
        slot = hosts.Find(key);
        if (slot >= 0)
        {
            hosts.Touch(slot, now);
            return CardinalityLimit.None;
        }
        Sweep(now);
        if (hosts.IsFull) return CardinalityLimit.Hosts;
        var maker = sources.Find(source);
        if (maker >= 0 && sources.ChildrenOf(maker) >= limits.HostsPerSourceMax) return CardinalityLimit.HostsPerSource;
        if (maker < 0) maker = sources.Add(source, now);
        slot = hosts.Add(key, now, sources, maker);
        return CardinalityLimit.None;
    }

    private CardinalityLimit AdmitInterface(ulong key, ulong hostKey, ulong source, long now, out int slot)
    {
        slot = interfaces.Find(key);
        if (slot >= 0)
        {
            interfaces.Touch(slot, now);
            hosts.Touch(interfaces.ParentOf(slot), now);
            return CardinalityLimit.None;
        }
        if (AdmitHost(hostKey, source, now, out var host) is var limit and not CardinalityLimit.None) return limit;
        Sweep(now);
        if (hosts.ChildrenOf(host) >= limits.InterfacesPerHostMax || interfaces.IsFull) return CardinalityLimit.Interfaces;
        slot = interfaces.Add(key, now, hosts, host);
        return CardinalityLimit.None;
    }

    private CardinalityLimit AdmitPeer(ulong key, ulong interfaceKey, ulong hostKey, ulong source, long now, out int slot)
    {
        slot = -1;
        if (AdmitInterface(interfaceKey, hostKey, source, now, out var device) is var limit and not CardinalityLimit.None) return limit;
        Sweep(now);
        if (interfaces.ChildrenOf(device) >= limits.PeersPerInterfaceMax) return CardinalityLimit.PeersPerInterface;
        if (peers.IsFull) return CardinalityLimit.Peers;
        if (limits.NewPeersPerMinute > 0 && !newPeers.TryTake(hash.Of(source, hostKey), now)) return CardinalityLimit.NewPeers;
        slot = peers.Add(key, now, interfaces, device);
        return CardinalityLimit.None;
    }

    /// <summary>Who belongs to something keeps it alive: a device is never forgotten before its peers, a host never before its devices.</summary>
    private void Heard(int peer, long now)
    {
        peers.Touch(peer, now);
        var device = peers.ParentOf(peer);
        interfaces.Touch(device, now);
        hosts.Touch(interfaces.ParentOf(device), now);
    }

    private void Forget(int peer, ulong maker)
    {
        peers.Remove(peer, interfaces);
        newPeers.GiveBack(maker);
    }

    private void Sweep(long now)
    {
        peers.Sweep(now - keptMicroseconds, interfaces);
        interfaces.Sweep(now - keptMicroseconds, hosts);
        hosts.Sweep(now - keptMicroseconds, sources);
        // A source without a host has no place of its own to defend.
        sources.Sweep(now);
    }
}
