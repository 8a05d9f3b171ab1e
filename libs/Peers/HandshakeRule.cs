using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// Lines to sessions. As initiator <c>Keypair created</c> completes the handshake. As responder it only derives a session, in the slot
/// <i>next</i>; no line says that the other side took it up. What tells:
/// any authenticated packet line confirms it; a keypair thrown away for the next session was <i>next</i> (never taken up) if it was the newest,
/// and shows that the newest became <i>current</i> if it was an older one.
/// </summary>
internal static class HandshakeRule
{
    /// <summary>The destroyed and the created line of one rekey are printed by one worker in one go; 0.2 s at most was recorded, under emulation.</summary>
    private const long RekeyWithin = 2 * Microseconds.Second;

    /// <summary>Failed handshakes repeat every 5 s, good ones after 115 s at the earliest, or 15 s if nobody answers.</summary>
    private const long TakenUpAfter = 15 * Microseconds.Second;

    /// <summary>A part line this much overtaken by the keypair line it belongs to is still its own.</summary>
    private const long OvertakenBy = 2 * Microseconds.Second;

    public static Keypairs Part(Keypairs k, in EventHeader header, HandshakePart part)
    {
        if (!k.IsOlder(header)) return k with { Part = part };
        var own = k.NewestPart == HandshakePart.Unknown && k.CreatedUptime - header.Uptime < OvertakenBy;
        if (!own) return k;
        k = k with { NewestPart = part };
        return part == HandshakePart.Initiator && k.Open ? Completed(k) : k;
    }

    /// <summary>First half of a creation: what it tells of the session that was the newest until now.</summary>
    public static Keypairs Replaced(Keypairs k, ulong keypair, long at)
    {
        // A responder's new session replaces what waits in "next"; an initiator's replaces "current" and tells nothing.
        if (keypair <= k.Newest || k.Part == HandshakePart.Initiator) return k;
        var unused = k.DestroyedInHandshake && at - k.DestroyedAt < RekeyWithin;
        if (unused) return k.Standing is KeypairStanding.Derived or KeypairStanding.Confirmed ? Disproved(k) : k;
        return k.Open && k.DestroyedAt == 0 && at - k.CreatedAt > TakenUpAfter ? Confirmed(k) : k;
    }

    public static Keypairs Created(Keypairs k, in EventHeader header, ulong keypair, long at)
    {
        if (keypair <= k.Newest) return k;
        var next = Newer(k, header, keypair, at) with
        {
            Standing = KeypairStanding.Derived,
            Presumed = k.Proved && !k.Distrusted,
            NewestPart = k.Part,
            Part = HandshakePart.Unknown,
        };
        return k.Part == HandshakePart.Initiator ? Completed(next) : next;
    }

    public static Keypairs Destroyed(Keypairs k, in EventHeader header, ulong keypair, long at)
    {
        if (keypair > k.Newest)
        {
            // A session whose creation nobody saw: newer than all that is known, and gone.
            return Newer(k, header, keypair, at) with { Standing = KeypairStanding.Disproved, DestroyedAt = at, DestroyedUptime = header.Uptime ?? -1 };
        }
        if (keypair == k.Newest)
        {
            var inHandshake = k.Part == HandshakePart.Responder;
            return k.DestroyedAt != 0 ? k : k with { DestroyedAt = at, DestroyedUptime = header.Uptime ?? -1, DestroyedInHandshake = inHandshake };
        }
        // An older one. Printed before the newest was created, it was replaced by it, and tells nothing of it; nor does an initiator's replacement.
        if (!k.Open || k.IsOlder(header) || k.Part == HandshakePart.Initiator) return k;
        return k.WasDestroyedBefore(header) ? Disproved(k) : Confirmed(k);
    }

    private static Keypairs Newer(Keypairs k, in EventHeader header, ulong keypair, long at) => k with
    {
        Newest = keypair,
        NewestAt = at,
        CreatedAt = at,
        CreatedUptime = header.Uptime ?? -1,
        Presumed = false,
        DestroyedAt = 0,
        DestroyedInHandshake = false,
        BeforeAt = k.LatestAt,
        BeforeConfirmed = k.LatestConfirmed,
        NewestPart = HandshakePart.Unknown,
    };

    /// <summary>An authenticated packet came. An empty one within 10 s of the derivation is the confirming packet itself, so its time is the handshake's.</summary>
    public static Keypairs PacketReceived(Keypairs k, in EventHeader header, bool empty, long at)
    {
        if (!k.Open || k.IsOlder(header)) return k;
        k = Confirmed(k);
        return empty && at - k.CreatedAt is >= 0 and < Microseconds.PassiveKeepalive ? k with { NewestAt = at } : k;
    }

    /// <summary>The host stopped hearing back: it had sent data, so it had a session that the other side had taken up.</summary>
    public static Keypairs DataWasSent(Keypairs k, in EventHeader header) => k.Open && !k.Proved && !k.IsOlder(header) ? Confirmed(k) : k;

    /// <summary>Nobody repeated the attempt although an initiator without an answer does so every 5 s: presume that it has its answer.</summary>
    public static Keypairs NotRepeated(Keypairs k, ulong keypair) =>
        k.Newest == keypair && k.Open && !k.Distrusted && k.DestroyedAt == 0 ? k with { Presumed = true } : k;

    private static Keypairs Completed(Keypairs k) => k with { Standing = KeypairStanding.Initiated, Presumed = true, Proved = true, Distrusted = false };

    private static Keypairs Confirmed(Keypairs k) => k with { Standing = KeypairStanding.Confirmed, Presumed = true, Proved = true, Distrusted = false };

    private static Keypairs Disproved(Keypairs k) => k with { Standing = KeypairStanding.Disproved, Presumed = false, Distrusted = true };
}
