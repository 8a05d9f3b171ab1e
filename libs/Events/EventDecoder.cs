using System.Text;

namespace WgMonitor.Events;

/// <summary>Why an entry is no event of ours.</summary>
public enum DecodeOutcome
{
    Decoded,

    /// <summary>A name or version this build does not know: written by a newer one. Park it, never drop it.</summary>
    UnknownEvent,

    /// <summary>A known event whose field is missing or does not parse.</summary>
    Malformed,
}

/// <summary>
/// Named fields to event. Fields it does not know are passed over, so that a newer writer may add some.
/// Host and device names repeat endlessly: a small cache hands out one string for each.
/// Not thread-safe: one decoder for each reader.
/// </summary>
public sealed class EventDecoder
{
    internal const string WireGuardModule = "wireguard";
    internal const string AmneziaModule = "amneziawg";

    private readonly string?[] names = new string?[256];

    public DecodeOutcome TryDecode(ReadOnlySpan<EventField> fields, out WireGuardEvent? decoded)
    {
        decoded = null;
        var reader = new EventFieldReader(fields);
        if (!reader.Read()) return DecodeOutcome.Malformed;
        if (!EventNames.TryKindOf(reader.Name, out var kind)) return DecodeOutcome.UnknownEvent;
        if (reader.Host.IsEmpty || reader.At is null || reader.Received is null) return DecodeOutcome.Malformed;
        var shape = EventShapes.Of(kind);
        if (shape.HasFlag(EventShape.Interface) && reader.Interface.IsEmpty) return DecodeOutcome.Malformed;
        if (shape.HasFlag(EventShape.Peer) && reader.Peer is null) return DecodeOutcome.Malformed;
        if (shape.HasFlag(EventShape.Keypair) && reader.Keypair is null) return DecodeOutcome.Malformed;
        var header = new EventHeader(Intern(reader.Host), reader.At.Value, reader.Received.Value, reader.Uptime, reader.Repeat,
            reader.IsAmnezia ? AmneziaModule : WireGuardModule, reader.Trust, reader.ClaimedHost.IsEmpty ? null : Intern(reader.ClaimedHost));
        decoded = Compose(kind, header, reader);
        return DecodeOutcome.Decoded;
    }

    private WireGuardEvent Compose(EventKind kind, EventHeader h, in EventFieldReader r)
    {
        var i = Intern(r.Interface);
        var peer = r.Peer ?? 0;
        return kind switch
        {
            EventKind.InterfaceCreated => new InterfaceCreated(h, i),
            EventKind.InterfaceDestroyed => new InterfaceDestroyed(h, i),
            EventKind.InterfaceRenamed => new InterfaceRenamed(h, i, Intern(r.Text)),
            EventKind.NamespaceExiting => new NamespaceExiting(h, i),
            EventKind.SocketV4Failed => new SocketV4Failed(h, i),
            EventKind.SocketV6Failed => new SocketV6Failed(h, i),
            EventKind.PeerCreated => new PeerCreated(h, i, peer),
            EventKind.PeerDestroyed => new PeerDestroyed(h, i, peer, r.Endpoint),
            EventKind.KeypairCreated => new KeypairCreated(h, i, peer, r.Keypair ?? 0),
            EventKind.KeypairDestroyed => new KeypairDestroyed(h, i, peer, r.Keypair ?? 0),
            EventKind.KeysZeroed => new KeysZeroed(h, i, peer, r.Endpoint, r.Seconds),
            EventKind.HandshakeInitiationSent => new HandshakeInitiationSent(h, i, peer, r.Endpoint),
            EventKind.HandshakeResponseSent => new HandshakeResponseSent(h, i, peer, r.Endpoint),
            EventKind.HandshakeInitiationReceived => new HandshakeInitiationReceived(h, i, peer, r.Endpoint),
            EventKind.HandshakeResponseReceived => new HandshakeResponseReceived(h, i, peer, r.Endpoint),
            EventKind.HandshakeRetrying => new HandshakeRetrying(h, i, peer, r.Endpoint, r.Seconds, r.Attempt),
            EventKind.HandshakeGaveUp => new HandshakeGaveUp(h, i, peer, r.Endpoint, r.Attempt),
            EventKind.HandshakeRestartedNoAnswer => new HandshakeRestartedNoAnswer(h, i, peer, r.Endpoint, r.Seconds),
            EventKind.HandshakeInitiationInvalid => new HandshakeInitiationInvalid(h, i, r.Endpoint),
            EventKind.HandshakeResponseInvalid => new HandshakeResponseInvalid(h, i, r.Endpoint),
            EventKind.HandshakeMacInvalid => new HandshakeMacInvalid(h, i, r.Endpoint),
            EventKind.HandshakePacketDropped => new HandshakePacketDropped(h, i, r.Endpoint),
            EventKind.CookieReplySent => new CookieReplySent(h, i, r.Endpoint),
            EventKind.CookieReplyReceived => new CookieReplyReceived(h, i, r.Endpoint),
            EventKind.CookieReplyUndecryptable => new CookieReplyUndecryptable(h, i),
            EventKind.KeepaliveSent => new KeepaliveSent(h, i, peer, r.Endpoint),
            EventKind.KeepaliveReceived => new KeepaliveReceived(h, i, peer, r.Endpoint),
            EventKind.PacketSrcUnallowed => new PacketSrcUnallowed(h, i, peer, r.Endpoint, r.Address),
            EventKind.PacketNotIp => new PacketNotIp(h, i, peer, r.Endpoint),
            EventKind.PacketSizeIncorrect => new PacketSizeIncorrect(h, i, peer, r.Endpoint),
            EventKind.PacketNotDelivered => new PacketNotDelivered(h, i, peer, r.Endpoint),
            EventKind.PacketNonceInvalid => new PacketNonceInvalid(h, i, r.Nonce, r.NonceMax),
            EventKind.PacketMalformed => new PacketMalformed(h, i, r.Endpoint, Text(r.Text)),
            EventKind.XmitInvalidIp => new XmitInvalidIp(h, i),
            EventKind.XmitNoPeer => new XmitNoPeer(h, i, r.Address),
            EventKind.XmitNoEndpoint => new XmitNoEndpoint(h, i, peer),
            EventKind.NoRoute => new NoRoute(h, i, r.Endpoint, r.Error),
            EventKind.RoutingLoopAvoided => new RoutingLoopAvoided(h, i, r.Endpoint),
            EventKind.RoutingLoopDetected => new RoutingLoopDetected(h, i),
            EventKind.ModuleLoaded => new ModuleLoaded(h, Text(r.Text)),
            EventKind.ModuleUnloaded => new ModuleUnloaded(h),
            EventKind.ModuleCopyright => new ModuleCopyright(h),
            EventKind.ModuleTainted => new ModuleTainted(h, Text(r.Text)),
            EventKind.ModuleRequirementMissing => new ModuleRequirementMissing(h, Text(r.Text)),
            EventKind.ModuleSelfTest => new ModuleSelfTest(h, Text(r.Text)),
            EventKind.TriePrinted => new TriePrinted(h, Text(r.Text)),
            EventKind.WarnHandshakeQueueType => new WarnHandshakeQueueType(h),
            EventKind.WarnPacketType => new WarnPacketType(h),
            EventKind.NetRatelimitSuppressed => new NetRatelimitSuppressed(h, r.Count),
            EventKind.Unrecognized => new Unrecognized(h, Text(r.Text)),
            EventKind.LinesLost => new LinesLost(h, Intern(r.Text), r.Count, r.From, r.To),
            EventKind.HostSilent => new HostSilent(h, r.From, r.Usual),
            EventKind.HistoryRewound => new HistoryRewound(h, r.From, r.To),
            EventKind.EntriesTrimmed => new EntriesTrimmed(h, r.Count, r.From, r.To),
            EventKind.PeerImported => new PeerImported(h, i, peer, r.Endpoint, r.LastHandshake, r.LastKeepalive),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of event"),
        };
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>One string for each short name seen lately; a collision only costs an allocation.</summary>
    private string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        uint hash = 2166136261;
        foreach (var b in utf8) hash = (hash ^ b) * 16777619;
        ref var slot = ref names[(hash ^ hash >> 8) & 255];
        if (slot is not null && Matches(slot, utf8)) return slot;
        return slot = Encoding.UTF8.GetString(utf8);
    }

    private static bool Matches(string name, ReadOnlySpan<byte> utf8)
    {
        if (name.Length != utf8.Length) return false;
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != utf8[i]) return false;
        }
        return true;
    }
}
