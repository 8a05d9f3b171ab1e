using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>
/// Entries that are no event this build can apply: kept aside with reason and bytes, so that they neither block the partition nor get lost.
/// A newer writer's event can be applied after the next upgrade.
/// </summary>
internal sealed class ParkedEvents(StreamKeys keys, ProjectorOptions options, ProjectorMetrics metrics)
{
    public void Add(FencedBatch batch, int partition, StreamEntry entry, FoldOutcome outcome) =>
        Add(batch, partition, entry, outcome == FoldOutcome.UnknownEvent ? "unknown-event" : "malformed");

    /// <summary>The fold failed on it: a bug, and the log says where.</summary>
    public void AddFailed(FencedBatch batch, int partition, StreamEntry entry) => Add(batch, partition, entry, "failed");

    private void Add(FencedBatch batch, int partition, StreamEntry entry, string reason)
    {
        batch.AppendToStream(KeyOf(keys, partition), [EventField.Of("parked_id", entry.Id.ToString()), EventField.Of("parked_reason", reason), .. entry.Fields], options.ParkedMax);
        metrics.Parked(entry.Id, reason);
    }

    /// <summary>Stream: the entry's own fields behind <c>parked_id</c> and <c>parked_reason</c>.</summary>
    public static string KeyOf(StreamKeys keys, int partition) => keys.InPartition(partition, "parked");
}
