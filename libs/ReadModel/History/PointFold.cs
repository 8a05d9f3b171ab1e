using WgMonitor.Streams;


namespace WgMonitor.ReadModel.History;

/// <summary>Folds entries over the state at a point, and collects what they ended and began.</summary>
internal sealed class PointFold
{
    private readonly PartitionFold fold;

    public PointFold(PointState start, StateOptions state)
    {
        States = new WindowStates(start, state.HostsMax);
        fold = new PartitionFold(States, state.ToFoldLimits());
    }

    public WindowStates States { get; }

    public RecordCollector Collected { get; } = new();

    public async ValueTask ApplyAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        var folded = await fold.TryApplyAsync(entry, cancellationToken);
        if (folded.Outcome == FoldOutcome.Folded && States.LastSet is var (before, after)) Collected.Observe(before, after, folded.Findings);
    }
}
