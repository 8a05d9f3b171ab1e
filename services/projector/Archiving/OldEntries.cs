using WgMonitor.Archive;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Archiving;

/// <summary>What is kept of entries before they are trimmed: what they came to, in the base snapshot, and where it is wanted they themselves, in the archive.</summary>
internal sealed class OldEntries(BaseSnapshots snapshots, LogArchive archive, ArchiveOptions options)
{
    /// <summary>Who holds entries back.</summary>
    public TrimGroups Groups { get; } = new(ConsumerGroups.All, options.IsOn ? [ConsumerGroups.Base, ConsumerGroups.Archive] : [ConsumerGroups.Base]);

    public async Task KeepAsync(int partition, LogExtent log, RetentionCut cut, CancellationToken cancellationToken)
    {
        await archive.AdvanceAsync(partition, log, cut, cancellationToken);
        await snapshots.AdvanceAsync(partition, log, cut, cancellationToken);
    }
}
