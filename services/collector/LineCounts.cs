namespace WgMonitor.Collector;

/// <summary>
/// What became of the lines, at one moment: <see cref="Received"/> is always the sum of the outcomes.
/// </summary>
public sealed class LineCounts
{
    private readonly long[] outcomes = new long[LineOutcomes.Count];
    private readonly long[] timeUses = new long[Enum.GetValues<HeaderTimeUse>().Length];

    /// <summary>Lines that reached the pipeline.</summary>
    public long Received { get; private set; }

    /// <summary>Events of a line whose facility is not kern: any program can write such a line.</summary>
    public long FacilityMismatches { get; private set; }

    public long Of(LineOutcome outcome) => outcomes[(int)outcome];

    public long Of(HeaderTimeUse use) => timeUses[(int)use];

    public long Of(LineOutcomeKind kind) => Enum.GetValues<LineOutcome>().Where(outcome => LineOutcomes.Kind(outcome) == kind).Sum(Of);

    internal void Add(LineOutcome outcome)
    {
        Received++;
        outcomes[(int)outcome]++;
    }

    internal void Add(HeaderTimeUse use, bool facilityMismatch)
    {
        timeUses[(int)use]++;
        if (facilityMismatch) FacilityMismatches++;
    }

    internal void CopyTo(LineCounts other)
    {
        outcomes.CopyTo(other.outcomes, 0);
        timeUses.CopyTo(other.timeUses, 0);
        other.Received = Received;
        other.FacilityMismatches = FacilityMismatches;
    }
}
