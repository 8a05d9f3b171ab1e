using WgMonitor.Archive;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Archiving;

/// <summary>The archive of the partitions, a step at a time. A disk that refuses, or a damaged file, is told; trimming waits meanwhile, and everything else goes on.</summary>
internal sealed class LogArchive(PartitionClaims claims, LogReader log, ArchiveOptions options, StreamOptions stream, ArchiveTrouble trouble, ArchiveMetrics metrics)
{
    private readonly PartitionArchiver archiver = new(options, log, stream.ReadBatchMax);

    /// <summary>Archives what is due; does nothing while another process does.</summary>
    public async Task AdvanceAsync(int partition, LogExtent extent, RetentionCut cut, CancellationToken cancellationToken)
    {
        if (!options.IsOn) return;
        await using var claim = await claims.TryClaimAsync(partition, ConsumerGroups.Archive);
        if (claim is null) return;
        try
        {
            metrics.Advanced(partition, await archiver.AdvanceAsync(claim, extent, cut, cancellationToken));
            await trouble.SucceededAsync(claim, cancellationToken);
        }
        catch (ArchiveDamagedException exception)
        {
            await FailedAsync(claim, ArchiveMetrics.Damaged, exception, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await FailedAsync(claim, ArchiveMetrics.Disk, exception, cancellationToken);
        }
        metrics.FailingNow(trouble.Count);
    }

    private async Task FailedAsync(PartitionClaim claim, string reason, Exception exception, CancellationToken cancellationToken)
    {
        metrics.Failed(reason, claim.Partition, exception);
        await trouble.FailedAsync(claim, reason, exception, cancellationToken);
    }
}
