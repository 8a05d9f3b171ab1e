using System.Collections.Immutable;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// What the events of a host add up to. Pure: the same states and findings from the same events, wherever and whenever it runs; no clock
/// but that of the events. Events of one host, in the order of the log.
/// </summary>
public static class HostFold
{
    public static (HostState State, ImmutableArray<HostFinding> Findings) Apply(HostState state, WireGuardEvent e, Cause cause) =>
        Apply(state, e, cause, FoldLimits.Default);

    public static (HostState State, ImmutableArray<HostFinding> Findings) Apply(HostState state, WireGuardEvent e, Cause cause, FoldLimits limits)
    {
        if (e is CoverageEvent told) return GapRule.Apply(state, told, cause, limits);
        if (e is PeerImported imported) return ImportRule.Apply(state, imported, cause, limits);
        if (state.Gaps.IsSilent) return Heard(state, e, cause, limits);
        var known = e is PeerCreated created ? state.Current(created.Peer) : null;
        var verdict = state.Epoch.Judge(e, state.Clock, known);
        if (verdict == EpochVerdict.Stale) return (state with { StaleLines = state.StaleLines + 1, Lines = state.Lines + 1, HeardAt = e.Header.Received }, []);

        var step = new FoldStep(state, cause, limits);
        step.Trust = e.Header.Trust;
        step.Clock = (verdict == EpochVerdict.Rebooted ? default : state.Clock).With(e.Header);
        step.At = step.Clock.TimeOf(e.Header);
        step.Received = e.Header.Received;
        if (verdict != EpochVerdict.Running) BeginEpoch(ref step, e, verdict);
        step.Epoch = step.Epoch.With(e);
        if (step.Loss.KeypairsJumped > 0) GapRule.Jumped(ref step, e);
        step.Loss = step.Loss.With(e, step.At);
        if (e is ModuleLoaded && step.Loss.KeypairHighest == 0) step.Loss = step.Loss with { KeypairsFromStart = true };
        PeerRule.PresumeUnrepeated(ref step);
        Dispatch(ref step, e);
        PeerRule.ForgetLongGone(ref step);
        return (step.Finish(), step.Findings);
    }

    /// <summary>The first line after a silence, whatever it says.</summary>
    private static (HostState State, ImmutableArray<HostFinding> Findings) Heard(HostState state, WireGuardEvent e, Cause cause, FoldLimits limits)
    {
        var (heard, ended) = GapRule.Heard(state, e.Header.Received, cause);
        var (next, findings) = Apply(heard, e, cause, limits);
        return (next, ended.AddRange(findings));
    }

    private static void BeginEpoch(ref FoldStep step, WireGuardEvent e, EpochVerdict verdict)
    {
        var reason = verdict switch
        {
            EpochVerdict.Rebooted => EpochReason.Rebooted,
            EpochVerdict.ModuleLoaded => EpochReason.ModuleLoaded,
            _ => EpochReason.NumberRestarted,
        };
        PeerRule.EndAll(ref step);
        step.Epoch = step.Epoch.Next(verdict, e.Header);
        step.Loss = step.Loss.Restarted(verdict == EpochVerdict.Rebooted);
        step.TrustLowest = step.Trust;
        step.Interfaces = step.Interfaces.Clear();
        step.Candidates = [];
        step.Found(new EpochStarted(step.Host, step.At, step.Cause, step.Epoch.Number, reason));
    }

    private static void Dispatch(ref FoldStep step, WireGuardEvent e)
    {
        switch (e)
        {
            case PeerEvent line:
                PeerRule.Apply(ref step, line);
                break;
            case InterfaceEvent line:
                InterfaceRule.Apply(ref step, line);
                break;
            case ModuleLoaded:
                ImportRule.ForgetAll(ref step);
                break;
            case NetRatelimitSuppressed line:
                GapRule.Suppressed(ref step, line);
                step.Found(new LinesSuppressed(step.Host, step.At, step.Cause, line.Count));
                break;
        }
    }
}
