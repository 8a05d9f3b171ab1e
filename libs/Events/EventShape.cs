namespace WgMonitor.Events;

/// <summary>Which fields an event of a kind has beyond its header.</summary>
[Flags]
internal enum EventShape
{
    None = 0,
    Interface = 1,
    Peer = 2,
    Endpoint = 4,
    Keypair = 8,
    Seconds = 16,
    Attempt = 32,
    Attempts = 64,
    Error = 128,
    Nonces = 256,
    Count = 512,
    Source = 1024,
    Destination = 2048,
    OldName = 4096,
    Version = 8192,
    Text = 16384,
    Reason = 32768,
    From = 65536,
    To = 131072,
    Usual = 262144,
    LastTimes = 524288,

    PeerEndpoint = Interface | Peer | Endpoint,
    PacketSource = Interface | Endpoint,
}

internal static class EventShapes
{
    /// <summary>As <see cref="Enum.HasFlag"/>, which boxes both sides in a debug build.</summary>
    public static bool Has(this EventShape shape, EventShape field) => (shape & field) != 0;

    public static EventShape Of(EventKind kind) => kind switch
    {
        EventKind.InterfaceRenamed => EventShape.Interface | EventShape.OldName,
        EventKind.InterfaceCreated or EventKind.InterfaceDestroyed or EventKind.NamespaceExiting or EventKind.SocketV4Failed
            or EventKind.SocketV6Failed or EventKind.CookieReplyUndecryptable or EventKind.XmitInvalidIp
            or EventKind.RoutingLoopDetected => EventShape.Interface,
        EventKind.PeerCreated or EventKind.XmitNoEndpoint => EventShape.Interface | EventShape.Peer,
        EventKind.KeypairCreated or EventKind.KeypairDestroyed => EventShape.Interface | EventShape.Peer | EventShape.Keypair,
        EventKind.KeysZeroed or EventKind.HandshakeRestartedNoAnswer => EventShape.PeerEndpoint | EventShape.Seconds,
        EventKind.HandshakeRetrying => EventShape.PeerEndpoint | EventShape.Seconds | EventShape.Attempt,
        EventKind.HandshakeGaveUp => EventShape.PeerEndpoint | EventShape.Attempts,
        EventKind.PeerDestroyed or EventKind.HandshakeInitiationSent or EventKind.HandshakeResponseSent
            or EventKind.HandshakeInitiationReceived or EventKind.HandshakeResponseReceived or EventKind.KeepaliveSent
            or EventKind.KeepaliveReceived or EventKind.PacketNotIp or EventKind.PacketSizeIncorrect
            or EventKind.PacketNotDelivered => EventShape.PeerEndpoint,
        EventKind.PacketSrcUnallowed => EventShape.PeerEndpoint | EventShape.Source,
        EventKind.HandshakeInitiationInvalid or EventKind.HandshakeResponseInvalid or EventKind.HandshakeMacInvalid
            or EventKind.HandshakePacketDropped or EventKind.CookieReplySent or EventKind.CookieReplyReceived
            or EventKind.RoutingLoopAvoided => EventShape.PacketSource,
        EventKind.PacketMalformed => EventShape.PacketSource | EventShape.Text,
        EventKind.NoRoute => EventShape.PacketSource | EventShape.Error,
        EventKind.PacketNonceInvalid => EventShape.Interface | EventShape.Nonces,
        EventKind.XmitNoPeer => EventShape.Interface | EventShape.Destination,
        EventKind.ModuleLoaded => EventShape.Version,
        EventKind.NetRatelimitSuppressed => EventShape.Count,
        EventKind.ModuleTainted or EventKind.ModuleRequirementMissing or EventKind.ModuleSelfTest or EventKind.TriePrinted
            or EventKind.Unrecognized => EventShape.Text,
        EventKind.LinesLost => EventShape.Reason | EventShape.Count | EventShape.From | EventShape.To,
        EventKind.HostSilent => EventShape.From | EventShape.Usual,
        EventKind.HistoryRewound => EventShape.From | EventShape.To,
        EventKind.EntriesTrimmed => EventShape.Count | EventShape.From | EventShape.To,
        EventKind.PeerImported => EventShape.PeerEndpoint | EventShape.LastTimes,
        EventKind.ModuleUnloaded or EventKind.ModuleCopyright or EventKind.WarnHandshakeQueueType or EventKind.WarnPacketType => EventShape.None,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of event"),
    };
}
