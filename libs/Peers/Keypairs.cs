using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>How far the newest session of a peer got.</summary>
public enum KeypairStanding : byte
{
    None,

    /// <summary>This host began the handshake and got the answer: complete.</summary>
    Initiated,

    /// <summary>This host answered and derived the session; whether the other side did too is not known.</summary>
    Derived,

    /// <summary>Derived here, and the other side used it.</summary>
    Confirmed,

    /// <summary>Derived here and thrown away unused: the other side never got there (a preshared key that differs, a lost answer).</summary>
    Disproved,
}

/// <summary>Which part this host has in a handshake that is under way.</summary>
public enum HandshakePart : byte
{
    Unknown,
    Responder,
    Initiator,
}

/// <summary>
/// The sessions of one peer, followed through the kernel's three slots (next, current, previous) as far as lines tell.
/// <see cref="LatestAt"/> means what <c>wg show</c> calls latest handshake.
/// </summary>
/// <remarks>Source: drivers/net/wireguard/noise.c, add_new_keypair, wg_noise_received_with_keypair; timers.c, wg_timers_handshake_complete.</remarks>
public readonly record struct Keypairs
{
    /// <summary>Kernel's number of the newest keypair, 0 for none seen.</summary>
    public ulong Newest { get; init; }

    /// <summary>When its handshake counts as complete: creation, or the keepalive that confirmed it at once.</summary>
    public long NewestAt { get; init; }

    /// <summary>When it was created.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Kernel stamp of its creation, -1 without one.</summary>
    public long CreatedUptime { get; init; }

    public KeypairStanding Standing { get; init; }

    /// <summary>A derived session counts until it is disproved: the peer's keys worked before, or no repeated attempt followed.</summary>
    public bool Presumed { get; init; }

    /// <summary>When the newest was destroyed, 0 if it was not.</summary>
    public long DestroyedAt { get; init; }

    /// <summary>Kernel stamp of that, -1 without one.</summary>
    public long DestroyedUptime { get; init; }

    /// <summary>It was destroyed while this host answered the next handshake, not with all other keys of the peer.</summary>
    public bool DestroyedInHandshake { get; init; }

    /// <summary>Latest handshake before the newest, and whether it was confirmed.</summary>
    public long BeforeAt { get; init; }

    public bool BeforeConfirmed { get; init; }

    /// <summary>The peer completed a handshake once: both sides hold the same keys.</summary>
    public bool Proved { get; init; }

    /// <summary>The last derived session failed: from now on only proof counts.</summary>
    public bool Distrusted { get; init; }

    /// <summary>This host's part in the handshake that will derive the next keypair.</summary>
    public HandshakePart Part { get; init; }

    /// <summary>Its part in the one that derived the newest.</summary>
    public HandshakePart NewestPart { get; init; }

    private bool NewestCounts => Standing is KeypairStanding.Initiated or KeypairStanding.Confirmed || (Standing == KeypairStanding.Derived && Presumed);

    /// <summary>Latest handshake, 0 for never.</summary>
    public long LatestAt => NewestCounts ? NewestAt : BeforeAt;

    /// <summary>It is known that both sides completed it.</summary>
    public bool LatestConfirmed => NewestCounts ? Standing != KeypairStanding.Derived : BeforeConfirmed;

    /// <summary>A session was derived and nothing says yet whether the other side has it.</summary>
    public bool Open => Standing == KeypairStanding.Derived;

    /// <summary>The newest was gone already when this line about an older one was printed.</summary>
    internal bool WasDestroyedBefore(in EventHeader header) =>
        DestroyedAt != 0 && (header.Uptime is not { } uptime || DestroyedUptime < 0 || uptime >= DestroyedUptime);

    internal bool IsOlder(in EventHeader header) => header.Uptime is { } uptime && Newest != 0 && CreatedUptime >= 0 && uptime < CreatedUptime;
}
