using System.Collections.Immutable;

namespace WgMonitor.Peers;

/// <summary>Why lines of a host are missing, or may be.</summary>
public enum GapKind : byte
{
    /// <summary>A collector lost them for a reason this build does not know.</summary>
    Unknown,

    /// <summary>The kernel's rate limit dropped lines, and said so.</summary>
    LinesSuppressed,

    /// <summary>Keypair numbers were jumped over: lines that should have been printed never came.</summary>
    KeypairsMissing,

    /// <summary>No line came for much longer than usual. Perhaps there was nothing to say.</summary>
    HostSilent,

    /// <summary>The collector did not run, and nobody kept the lines meanwhile.</summary>
    CollectorOutage,

    /// <summary>The collector could not keep up, or had no room.</summary>
    LinesDropped,

    /// <summary>Redis lost the end of the log.</summary>
    HistoryRewound,

    /// <summary>Entries were trimmed before they were applied.</summary>
    EntriesTrimmed,
}

/// <summary>An interval in which lines of a host are missing, or may be.</summary>
/// <param name="Kind">Why.</param>
/// <param name="From">Everything up to here was seen, as far as is known; Unix microseconds.</param>
/// <param name="To">Everything from here on was seen; 0 while the gap is open.</param>
/// <param name="Lines">Lines missing, 0 where nobody knows. Of suppressed lines an upper bound: the kernel counts all its network code.</param>
/// <param name="Cause">The entry of the log that made it known first.</param>
public readonly record struct Gap(GapKind Kind, long From, long To, long Lines, Cause Cause)
{
    public bool IsOpen => To == 0;
}

/// <summary>
/// The gaps of a host, bounded. What continues a gap of the same kind within a minute is the same gap: a host under its rate limit says every few seconds
/// that it dropped lines.
/// </summary>
/// <param name="All">In the order in which they were made known.</param>
/// <param name="Forgotten">Dropped because there were too many, the oldest first.</param>
/// <param name="SilentSince">When the last line before the running silence was received; 0 while the host is heard.</param>
public sealed record GapLog(ImmutableArray<Gap> All, long Forgotten, long SilentSince)
{
    private const long MergedWithin = 60 * Microseconds.Second;

    public static GapLog None { get; } = new([], 0, 0);

    /// <summary>The host is silent.</summary>
    public bool IsSilent => SilentSince != 0;

    /// <summary>A gap that has no end yet.</summary>
    public bool HasOpen => All.Any(gap => gap.IsOpen);

    /// <summary>Adds a gap, or extends the latest of its kind; <paramref name="isNew"/> says which.</summary>
    internal GapLog With(Gap gap, int max, out bool isNew)
    {
        if (!gap.IsOpen && gap.To < gap.From) gap = gap with { To = gap.From };
        isNew = false;
        for (var i = All.Length - 1; i >= 0 && !gap.IsOpen; i--)
        {
            if (All[i].Kind != gap.Kind || All[i].IsOpen) continue;
            if (!Touches(All[i], gap)) break;
            return this with { All = All.SetItem(i, Joined(All[i], gap)) };
        }
        isNew = true;
        var (kept, forgotten) = (All, Forgotten);
        while (kept.Length >= Math.Max(1, max))
        {
            // An open gap is no history yet. There is one at most, so with room for one it may still be the oldest.
            kept = kept.RemoveAt(kept[0].IsOpen && kept.Length > 1 ? 1 : 0);
            forgotten++;
        }
        return this with { All = kept.Add(gap), Forgotten = forgotten };
    }

    /// <summary>Ends the silence; the gap as it is then, or null when it was forgotten.</summary>
    internal GapLog Heard(long at, out Gap? closed)
    {
        closed = null;
        var gaps = this with { SilentSince = 0 };
        for (var i = 0; i < All.Length; i++)
        {
            if (All[i] is not { Kind: GapKind.HostSilent, IsOpen: true } open) continue;
            closed = open with { To = Math.Max(open.From, at) };
            return gaps with { All = All.SetItem(i, closed.Value) };
        }
        return gaps;
    }

    private static bool Touches(in Gap known, in Gap gap)
    {
        var slack = known.Kind is GapKind.LinesSuppressed or GapKind.KeypairsMissing or GapKind.LinesDropped ? MergedWithin : 0;
        return gap.From <= known.To + slack && gap.To >= known.From - slack;
    }

    private static Gap Joined(in Gap known, in Gap gap) =>
        known with { From = Math.Min(known.From, gap.From), To = Math.Max(known.To, gap.To), Lines = known.Lines + gap.Lines };

    /// <summary>All of it, for the digest.</summary>
    public override string ToString() => $"{string.Join(',', All.Select(gap => $"{(int)gap.Kind}/{gap.From}/{gap.To}/{gap.Lines}/{gap.Cause}"))} {Forgotten} {SilentSince}";
}
