using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// What is known of lines that never reached us: the kernel drops debug lines beyond a budget (10 in 5 s by default, one budget for
/// the whole kernel) and says so late, when a later line comes, or never. So the note alone would be late: a window that looks full already
/// is a suspicion, until more lines in 5 s than the default ever allows prove that this host has another limit.
/// Keypair numbers are dense over all peers: a jump that nobody fills is a lost line too.
/// </summary>
/// <remarks>Source: lib/ratelimit.c, ___ratelimit; net/core/utils.c, net_ratelimit_state.</remarks>
public readonly record struct LineLoss
{
    /// <summary>5 s windows of 10 lines: two windows meet in any 5 s.</summary>
    private const int DefaultBudget = 10;
    private const int DefaultBudgetProofMax = 2 * DefaultBudget;
    private const long BudgetWindow = 5 * Microseconds.Second;
    private const int ProofBuckets = 5;
    private const int Buckets = 6;

    /// <summary>Lines of several processors overtake each other in the log by up to 134 ms (recorded under a flood); a jump older than this stays one.</summary>
    private const long JumpFilledWithin = Microseconds.Second;

    public static LineLoss None { get; } = new() { LossAt = long.MinValue, SuspectAt = long.MinValue, JumpAt = long.MinValue };

    /// <summary>Before this moment lines are missing for sure.</summary>
    public long LossAt { get; init; }

    /// <summary>The last moment a window looked full.</summary>
    public long SuspectAt { get; init; }

    /// <summary>Lines the kernel said it dropped, of all network code.</summary>
    public long Suppressed { get; init; }

    /// <summary>When the kernel said so last, 0 for never.</summary>
    public long SuppressedAt { get; init; }

    /// <summary>Lines in one count for each of the last seconds, 8 bits each, and the second of the lowest.</summary>
    public ulong RecentCounts { get; init; }

    public long RecentSecond { get; init; }

    /// <summary>Most budgeted lines seen within 5 s.</summary>
    public int BusiestWindow { get; init; }

    /// <summary>Highest keypair number, 0 for none yet.</summary>
    public ulong KeypairHighest { get; init; }

    /// <summary>The load banner was seen, so the first keypair has number 1.</summary>
    public bool KeypairsFromStart { get; init; }

    /// <summary>Keypair numbers jumped over and not yet seen.</summary>
    public ulong KeypairsJumped { get; init; }

    public long JumpAt { get; init; }

    /// <summary>When the keypair before the jump was created, 0 without one.</summary>
    public long JumpFrom { get; init; }

    /// <summary>When the keypair with the highest number was created, 0 for none yet.</summary>
    public long KeypairAt { get; init; }

    /// <summary>The latest line that the budget lets through or not, 0 for none yet: what the kernel says later it dropped came after it.</summary>
    public long BudgetedAt { get; init; }

    /// <summary>The host is known, or not known not, to drop lines.</summary>
    public bool MayDrop => SuppressedAt != 0 || BusiestWindow <= DefaultBudgetProofMax;

    /// <summary>Nothing about a peer can have been missed since <paramref name="freshAt"/>, when all of it was seen.</summary>
    public bool NothingMissedSince(long freshAt)
    {
        if (freshAt <= LossAt) return false;
        if (KeypairsJumped > 0 && freshAt <= JumpAt) return false;
        return !MayDrop || SuspectAt == long.MinValue || freshAt > SuspectAt + BudgetWindow;
    }

    /// <summary>Keypair numbers were jumped over, and it is too late for their lines.</summary>
    internal bool IsJumpLost(long at) => KeypairsJumped > 0 && at > JumpAt + JumpFilledWithin;

    internal LineLoss With(WireGuardEvent e, long at)
    {
        var next = this;
        if (e is NetRatelimitSuppressed note) return next with { LossAt = at, SuppressedAt = at, Suppressed = Suppressed + Math.Max(0, note.Count) };
        if (IsJumpLost(at)) next = next with { LossAt = Math.Max(LossAt, JumpAt), KeypairsJumped = 0 };
        if (!IsBudgeted(e.Kind)) return next;
        if (e is KeypairCreated created) next = next.WithKeypair(created.Keypair, at);
        return next.WithBudgeted(e.Header, at);
    }

    /// <summary>The module was loaded again: keypairs restart. The limit is the kernel's and stays as it is unless the host booted.</summary>
    internal LineLoss Restarted(bool booted) =>
        (booted ? None with { Suppressed = Suppressed } : this) with { KeypairHighest = 0, KeypairAt = 0, KeypairsFromStart = false, KeypairsJumped = 0 };

    private LineLoss WithKeypair(ulong keypair, long at)
    {
        if (keypair < KeypairHighest) return KeypairsJumped > 0 ? this with { KeypairsJumped = KeypairsJumped - 1 } : this;
        var known = KeypairHighest > 0 || KeypairsFromStart;
        var jumped = known && keypair - KeypairHighest > 1 ? keypair - KeypairHighest - 1 : 0;
        return this with
        {
            KeypairHighest = keypair,
            KeypairAt = at,
            KeypairsJumped = KeypairsJumped + jumped,
            JumpAt = jumped > 0 ? at : JumpAt,
            JumpFrom = jumped > 0 && KeypairsJumped == 0 ? KeypairAt : JumpFrom,
        };
    }

    /// <summary>Six calendar seconds hold any window of 5 s, which makes a suspect; five are never longer than one, which makes a proof.</summary>
    private LineLoss WithBudgeted(in EventHeader header, long at)
    {
        var second = (header.Uptime ?? at) / Microseconds.Second;
        var moved = second - RecentSecond;
        var counts = moved switch
        {
            <= -Buckets or >= Buckets => 0UL,
            <= 0 => RecentCounts,
            _ => RecentCounts << (int)(8 * moved) & (1UL << 8 * Buckets) - 1,
        };
        // The lowest byte is the running second. Full bytes stay full: beyond 255 a second the exact number says nothing more.
        counts = counts & ~255UL | Math.Min(255, (counts & 255) + (ulong)Math.Max(1, header.Repeat));
        // Without kernel stamps a drained backlog looks like a burst, and proves nothing.
        var busiest = header.Uptime is null ? BusiestWindow : Math.Max(BusiestWindow, Sum(counts, ProofBuckets));
        // Who saw B lines in 5 s knows that the budget is at least B/2; under another limit than the default only a note makes a suspect.
        var full = SuppressedAt != 0 ? Math.Max(DefaultBudget, busiest / 2) : DefaultBudget;
        return this with
        {
            RecentCounts = counts,
            RecentSecond = moved is > 0 or <= -Buckets ? second : RecentSecond,
            BusiestWindow = busiest,
            BudgetedAt = at,
            SuspectAt = Sum(counts, Buckets) >= full ? at : SuspectAt,
        };
    }

    private static int Sum(ulong counts, int buckets)
    {
        var sum = 0;
        for (var bucket = 0; bucket < buckets; bucket++) sum += (int)(counts >> 8 * bucket & 255);
        return sum;
    }

    private static bool IsBudgeted(EventKind kind) => kind switch
    {
        EventKind.InterfaceCreated or EventKind.InterfaceDestroyed or EventKind.InterfaceRenamed or EventKind.NamespaceExiting
            or EventKind.PeerCreated or EventKind.PeerDestroyed or EventKind.KeysZeroed or EventKind.HandshakeRetrying
            or EventKind.HandshakeGaveUp or EventKind.HandshakeRestartedNoAnswer or EventKind.SocketV4Failed or EventKind.SocketV6Failed
            or EventKind.NetRatelimitSuppressed or EventKind.Unrecognized => false,
        >= EventKind.ModuleLoaded and <= EventKind.WarnPacketType => false,
        _ => true,
    };
}
