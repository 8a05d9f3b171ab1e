using System.Collections.Immutable;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// When lines of a host are missing. Lines tell it themselves (the kernel's note, a jump in keypair numbers), and events that no line makes: a
/// <see cref="CoverageEvent"/> changes gaps and completeness and nothing else, above all no epoch, no clock and no peer.
/// </summary>
internal static class GapRule
{
    public static (HostState State, ImmutableArray<HostFinding> Findings) Apply(HostState state, CoverageEvent e, Cause cause, FoldLimits limits)
    {
        var gap = e switch
        {
            LinesLost lost => new Gap(KindOf(lost.Reason), lost.From, lost.To, lost.Count, cause),
            HistoryRewound rewound => new Gap(GapKind.HistoryRewound, rewound.From, rewound.To, 0, cause),
            EntriesTrimmed trimmed => new Gap(GapKind.EntriesTrimmed, trimmed.From, trimmed.To, trimmed.Count, cause),
            HostSilent silent => new Gap(GapKind.HostSilent, silent.From, 0, 0, cause),
            _ => throw new ArgumentOutOfRangeException(nameof(e), e, "no such event"),
        };
        if (e is HostSilent told) return Silent(state, told, gap, limits);
        // An end is needed: 0 is none, and what was told is over. A clock that went back may say an earlier one than the begin.
        gap = gap with { To = Math.Max(1, Math.Max(gap.From, gap.To)) };
        return Missing(state, e.Header.At, gap, limits);
    }

    /// <summary>The first line after a silence.</summary>
    public static (HostState State, ImmutableArray<HostFinding> Findings) Heard(HostState state, long received, Cause cause)
    {
        var since = state.Gaps.SilentSince;
        var gaps = state.Gaps.Heard(received, out var closed);
        ImmutableArray<HostFinding> findings = [new HostHeardAgain(state.Host, received, cause, since)];
        if (closed is { } gap) findings = findings.Add(new GapClosed(state.Host, received, cause, gap));
        return (state with { Gaps = gaps }, findings);
    }

    /// <summary>The kernel's note: what it dropped came after the last line that its budget let through.</summary>
    public static void Suppressed(ref FoldStep step, NetRatelimitSuppressed note)
    {
        var from = step.Loss.BudgetedAt != 0 ? step.Loss.BudgetedAt : step.LastLineAt;
        Add(ref step, new Gap(GapKind.LinesSuppressed, from == 0 ? step.At : Math.Min(from, step.At), step.At, Math.Max(0, note.Count), step.Cause));
    }

    /// <summary>Keypair numbers that were jumped over and are missing for good now: lines are missing since the keypair before them.</summary>
    public static void Jumped(ref FoldStep step, WireGuardEvent e)
    {
        var loss = step.Loss;
        // A note is looked at on its own; the next line tells the jump.
        if (e is NetRatelimitSuppressed || !loss.IsJumpLost(step.At)) return;
        var from = loss.JumpFrom != 0 ? Math.Min(loss.JumpFrom, loss.JumpAt) : loss.JumpAt;
        Add(ref step, new Gap(GapKind.KeypairsMissing, from, loss.JumpAt, (long)Math.Min(loss.KeypairsJumped, long.MaxValue), step.Cause));
    }

    private static void Add(ref FoldStep step, Gap gap)
    {
        step.Gaps = step.Gaps.With(gap, step.Limits.GapsMax, out var isNew);
        if (isNew) step.Found(new GapOpened(step.Host, step.At, step.Cause, gap));
    }

    /// <summary>
    /// Somebody else may have heard the host meanwhile, or it was told before: then it is not silent. What is compared is the log's last line, not its latest
    /// time, so that a clock that was set back hides no silence.
    /// </summary>
    private static (HostState State, ImmutableArray<HostFinding> Findings) Silent(HostState state, HostSilent e, Gap gap, FoldLimits limits)
    {
        if (state.Gaps.IsSilent || state.HeardAt > e.From) return (state, []);
        // 0 would mean that it is heard.
        var since = Math.Max(1, e.From);
        var (next, findings) = Missing(state, e.Header.At, gap with { From = since }, limits);
        return (next with { Gaps = next.Gaps with { SilentSince = since } }, findings.Insert(0, new HostWentSilent(state.Host, e.Header.At, gap.Cause, since, e.Usual)));
    }

    /// <summary>
    /// Whatever was concluded from lines until now may be out of date. By the lines' own clock: that of whoever told the gap may be another, and all that
    /// follows in the log came after it.
    /// </summary>
    private static (HostState State, ImmutableArray<HostFinding> Findings) Missing(HostState state, long at, Gap gap, FoldLimits limits)
    {
        var gaps = state.Gaps.With(gap, limits.GapsMax, out var isNew);
        var loss = state.Loss with { LossAt = Math.Max(state.Loss.LossAt, state.LastLineAt) };
        return (state with { Gaps = gaps, Loss = loss }, isNew ? [new GapOpened(state.Host, at, gap.Cause, gap)] : []);
    }

    private static GapKind KindOf(string reason) => reason switch
    {
        LossReasons.CollectorOutage => GapKind.CollectorOutage,
        LossReasons.SocketDrops or LossReasons.BufferFull or LossReasons.SpoolDropped => GapKind.LinesDropped,
        _ => GapKind.Unknown,
    };
}
