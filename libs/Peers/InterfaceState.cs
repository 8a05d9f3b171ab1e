using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>A device name and what happened to it. Two namespaces of a host may use the same name; lines do not tell them apart.</summary>
/// <param name="Name">Name as printed now.</param>
/// <param name="CreatedAt">When its creation was seen, 0 if it was not.</param>
/// <param name="Instances">Devices of that name as far as seen: more than one means namespaces.</param>
/// <param name="NamespaceExitingAt">Since when its sockets are closed for good, 0 if they are not.</param>
/// <param name="Trouble">Packets refused on it.</param>
public sealed record InterfaceState(string Name, long CreatedAt, int Instances, long NamespaceExitingAt, HandshakeTrouble Trouble);

/// <summary>Counts of lines that name no peer. Anybody on the network can cause most of them, so they never make or touch a peer.</summary>
public readonly record struct HandshakeTrouble(
    long InvalidMacs, long InvalidInitiations, long InvalidResponses, long DroppedPackets, long CookiesSent, long CookiesReceived,
    long InvalidCookies, long InvalidNonces, long NoRoutes, long SocketFailures)
{
    internal HandshakeTrouble With(EventKind kind, int repeat) => kind switch
    {
        EventKind.HandshakeMacInvalid => this with { InvalidMacs = InvalidMacs + repeat },
        EventKind.HandshakeInitiationInvalid => this with { InvalidInitiations = InvalidInitiations + repeat },
        EventKind.HandshakeResponseInvalid => this with { InvalidResponses = InvalidResponses + repeat },
        EventKind.HandshakePacketDropped => this with { DroppedPackets = DroppedPackets + repeat },
        EventKind.CookieReplySent => this with { CookiesSent = CookiesSent + repeat },
        EventKind.CookieReplyReceived => this with { CookiesReceived = CookiesReceived + repeat },
        EventKind.CookieReplyUndecryptable => this with { InvalidCookies = InvalidCookies + repeat },
        EventKind.PacketNonceInvalid => this with { InvalidNonces = InvalidNonces + repeat },
        EventKind.NoRoute => this with { NoRoutes = NoRoutes + repeat },
        EventKind.SocketV4Failed or EventKind.SocketV6Failed => this with { SocketFailures = SocketFailures + repeat },
        _ => this,
    };
}
