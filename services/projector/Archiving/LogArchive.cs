using WgMonitor.Archive;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Archiving;

/// <summary>The archive of the partitions, a step at a time. A disk that refuses, or a damaged file, is told; trimming waits meanwhile, and everything else goes on.</summary>
internal sealed class LogArchive(PartitionClaims claims, LogReader log, ArchiveOptions options, StreamOptions stream, ArchiveMetrics metrics)
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
        }
        catch (ArchiveDamagedException exception)
        {
            metrics.Failed("damaged", partition, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            metrics.Failed("disk", partition, exception);
        }
    }
}
