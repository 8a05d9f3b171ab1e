using WgMonitor.Collector.Trust;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>
/// What became of the lines, at one moment: <see cref="Received"/> is always the sum of the outcomes.
/// </summary>
public sealed class LineCounts
{
    private readonly long[] outcomes = new long[LineOutcomes.Count];
    private readonly long[] timeUses = new long[Enum.GetValues<HeaderTimeUse>().Length];
    private readonly long[] limits = new long[Enum.GetValues<CardinalityLimit>().Length];

    /// <summary>Lines that reached the pipeline.</summary>
    public long Received { get; private set; }

    /// <summary>Events of a line whose facility is not kern: any program can write such a line.</summary>
    public long FacilityMismatches { get; private set; }

    /// <summary>Events whose line names another host than the one it was taken for.</summary>
    public long ClaimedHosts { get; private set; }

    /// <summary>Events of WireGuard lines in words that no row of the grammar knows.</summary>
    public long Unrecognized { get; private set; }

    public long Of(LineOutcome outcome) => outcomes[(int)outcome];

    public long Of(HeaderTimeUse use) => timeUses[(int)use];

    /// <summary>Lines dropped because of one limit.</summary>
    public long Of(CardinalityLimit limit) => limits[(int)limit];

    public long Of(LineOutcomeKind kind) => Enum.GetValues<LineOutcome>().Where(outcome => LineOutcomes.Kind(outcome) == kind).Sum(Of);

    internal void Add(LineOutcome outcome)
    {
        Received++;
        outcomes[(int)outcome]++;
    }

    internal void Add(CardinalityLimit limit) => limits[(int)limit]++;

    /// <summary>What is to be known of an event that was taken.</summary>
    internal void Add(in EventFields e, HeaderTimeUse use, bool facilityMismatch)
    {
        timeUses[(int)use]++;
        if (facilityMismatch) FacilityMismatches++;
        if (!e.ClaimedHost.IsEmpty) ClaimedHosts++;
        if (e.Kind == EventKind.Unrecognized) Unrecognized++;
    }

    internal void CopyTo(LineCounts other)
    {
        outcomes.CopyTo(other.outcomes, 0);
        timeUses.CopyTo(other.timeUses, 0);
        limits.CopyTo(other.limits, 0);
        other.Received = Received;
        other.FacilityMismatches = FacilityMismatches;
        other.ClaimedHosts = ClaimedHosts;
        other.Unrecognized = Unrecognized;
    }
}
