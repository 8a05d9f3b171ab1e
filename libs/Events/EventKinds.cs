namespace WgMonitor.Events;

/// <summary>What can be told from the kind of an event alone.</summary>
public static class EventKinds
{
    /// <summary>True for events with a peer number: those that become a <see cref="PeerEvent"/>.</summary>
    public static bool NamesPeer(EventKind kind) => EventShapes.Of(kind).Has(EventShape.Peer);
}
