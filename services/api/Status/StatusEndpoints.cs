using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Status;

/// <summary>The product as a whole.</summary>
/// <param name="Version">Version of this program.</param>
/// <param name="Redis">Version of the Redis server, null while it does not answer.</param>
/// <param name="Partitions">Streams over which hosts are spread.</param>
/// <param name="EntriesRetained">Events kept in all partitions.</param>
/// <param name="Groups">How far each consumer of the log is.</param>
/// <param name="Collectors">What each collector received, refused and lost.</param>
/// <param name="Warnings">What an operator should look at; empty when all is well.</param>
public sealed record StatusResponse(
    string Version, string? Redis, int Partitions, long EntriesRetained, IReadOnlyList<GroupResponse> Groups, IReadOnlyList<CollectorResponse> Collectors, IReadOnlyList<string> Warnings);

/// <param name="Group">projector or notifier.</param>
/// <param name="LagSeconds">Age of the oldest event not applied, over all partitions.</param>
/// <param name="LagEntries">Events not applied; null where Redis cannot know.</param>
/// <param name="PartitionsOwned">Partitions somebody works on.</param>
/// <param name="Partitions">Each partition.</param>
public sealed record GroupResponse(string Group, double LagSeconds, long? LagEntries, int PartitionsOwned, IReadOnlyList<PartitionResponse> Partitions);

/// <param name="Partition">Number.</param>
/// <param name="Checkpoint">Last entry applied.</param>
/// <param name="LastId">Last entry written.</param>
/// <param name="LagSeconds">Age of the oldest entry not applied.</param>
/// <param name="Owner">Replica that works on it; null for nobody.</param>
/// <param name="Epoch">Number of its ownership.</param>
public sealed record PartitionResponse(int Partition, string Checkpoint, string LastId, double LagSeconds, string? Owner, long Epoch);

/// <summary><c>GET /api/v1/status</c>.</summary>
internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/status", GetAsync).WithName("GetStatus").WithSummary("Lag, retention, owners, collectors with what they refused and lost, versions and warnings.").WithTags("Status");

    private static async Task<StatusResponse> GetAsync(
        StreamStatusReader reader, StreamOptions stream, RedisWarnings redis, RetentionWarnings retention, HistoryWarnings history, ParkedWarnings parked, ArchiveWarnings archive, ArchiveFailureWarnings archiveFailures,
        CollectorStatusStore collectorStatus, CancellationToken cancellationToken)
    {
        var groups = new List<GroupResponse>();
        long entries = 0;
        foreach (var group in ConsumerGroups.All)
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => reader.ReadAsync(partition, group, cancellationToken)));
            entries = statuses.Sum(status => status.Entries);
            groups.Add(new(
                group, statuses.Max(status => status.LagSeconds),
                statuses.Any(status => status.LagEntries is null) ? null : statuses.Sum(status => status.LagEntries),
                statuses.Count(status => status.Owner is not null),
                [.. statuses.Select(status => new PartitionResponse(
                    status.Partition, status.Checkpoint.ToString(), status.LastId.ToString(), status.LagSeconds, status.Owner, status.Epoch))]));
        }
        var (version, warnings) = await redis.ReadAsync(cancellationToken);
        var collectors = await collectorStatus.ReadAsync(cancellationToken);
        return new(
            ProductVersion.Text, version, stream.Partitions, entries, groups, [.. collectors.Select(CollectorResponse.Of)],
            [.. warnings, .. await retention.ReadAsync(cancellationToken), .. await history.ReadAsync(cancellationToken), .. await parked.ReadAsync(cancellationToken),
            .. archive.Read(), .. await archiveFailures.ReadAsync(cancellationToken), .. Unowned(groups), .. CollectorWarnings.Of(collectors),
            .. SenderTroubles.Of(collectors).Select(trouble => $"{trouble.Finding}. {trouble.Next}")]);
    }

    private static IEnumerable<string> Unowned(IEnumerable<GroupResponse> groups) => groups
        .Where(group => group.PartitionsOwned < group.Partitions.Count)
        .Select(group => $"{group.Partitions.Count - group.PartitionsOwned} partitions have no {group.Group}: start one, or look at its log");
}
