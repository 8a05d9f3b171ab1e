using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Entries of the log that follow each other.</summary>
/// <param name="All">Every one.</param>
/// <param name="Counted">Without those that the projector had passed over, or applied in another place.</param>
internal readonly record struct LogPart(IReadOnlyList<StreamEntry> All, IReadOnlyList<StreamEntry> Counted)
{
    public static LogPart Empty { get; } = new([], []);
}

/// <summary>Reads a log, or archive and log, and applies it as the projector did: what that passed over is left out, so that both come to the same whatever this build can apply.</summary>
/// <remarks>Entries that are no event, refused hosts and entries on which the fold throws change nothing; of the last, <see cref="Failed"/> tells.</remarks>
internal sealed class LogReplay(int partition, IEntryReader entriesOf, PassedEntries passed, PartitionFold fold)
{
    private const int FailedToldMax = 100;

    private readonly List<StreamId> failed = [];

    /// <summary>What it reads still stands in the log, and not in an archive.</summary>
    public bool IsOfLog => entriesOf is LogReader;

    /// <summary>Entries that the projector had passed over, or applied in another place.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Entries that could not be applied here and that the projector did not pass over: no event, or the fold threw.</summary>
    public long FailedCount { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<StreamId> Failed => failed;

    /// <summary>The next entries behind a position, up to <paramref name="last"/>, at most <paramref name="max"/>.</summary>
    public async Task<LogPart> ReadAsync(StreamId after, StreamId last, int max, CancellationToken cancellationToken)
    {
        var entries = await entriesOf.ReadForwardAsync(partition, after, last, max, cancellationToken);
        return entries.Count == 0 ? LogPart.Empty : new(entries, await passed.LeaveOutAsync(partition, entries, cancellationToken));
    }

    /// <summary>Folds them; nothing is written.</summary>
    public async Task ApplyAsync(LogPart part, CancellationToken cancellationToken)
    {
        foreach (var entry in part.Counted)
        {
            if ((await fold.TryApplyAsync(entry, cancellationToken)).Outcome is FoldOutcome.Failed or FoldOutcome.UnknownEvent or FoldOutcome.Malformed) Tell(entry.Id);
        }
        LeftOut += part.All.Count - part.Counted.Count;
    }

    private void Tell(StreamId id)
    {
        FailedCount++;
        if (failed.Count < FailedToldMax) failed.Add(id);
    }
}
