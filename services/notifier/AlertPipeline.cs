using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>
/// Read this first. One owned partition, events in, alerts out:
/// decode → load the host at its first event → fold → findings → rules → alerts that nobody knows yet → outbox, written together with the notifier's
/// own state and the checkpoint in one fenced script → <see cref="DeliveryWorker"/>s, one a route, that send what stands in the outbox and write down
/// what became of it.
/// </summary>
/// <remarks>
/// The notifier never reads what the projector wrote: it could be ahead or behind, and an alert would be missing or twice. It folds the same log with
/// the same code and keeps its own state.
/// </remarks>
internal sealed class AlertPipeline(
    OwnedPartition partition, HostStateStore hosts, FoldLimits limits, PartitionPark park, IReadOnlyList<IAlertRule> rules, AlertMemory memory, AlertKeys keys,
    PartitionDelivery delivery, NotifierOptions options, NotifierMetrics metrics) : IPartitionHandler
{
    private readonly PartitionFold fold = new(hosts, limits);
    private IReadOnlyList<AlertRecord> added = [];

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(IReadOnlyList<StreamEntry> entries, FencedBatch batch, CancellationToken cancellationToken)
    {
        var alerts = new List<AlertRecord>();
        foreach (var entry in entries)
        {
            if (!await park.CountsAsync(entry, cancellationToken)) continue;
            var (outcome, header, findings) = await fold.ApplyAsync(entry, cancellationToken);
            if (outcome == FoldOutcome.HostRefused) metrics.Trouble.HostRefused(partition.Partition, header.Host);
            else if (outcome != FoldOutcome.Folded) await ParkAsync(entry, ParkReason.Of(outcome), batch, cancellationToken);
            foreach (var finding in findings) Judge(finding, header, alerts);
        }

        added = await memory.UnknownAsync(alerts, cancellationToken);
        foreach (var alert in added) Add(alert, batch);
        hosts.WriteTo(batch);
    }

    /// <summary>Beside the projector's: the two may be of different versions, and a rule may fail where the fold does not.</summary>
    public ValueTask ParkAsync(StreamEntry entry, FencedBatch batch, CancellationToken cancellationToken)
    {
        added = [];
        return ParkAsync(entry, ParkReason.Failed, batch, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask CommittedAsync(StreamId checkpoint, CancellationToken cancellationToken)
    {
        hosts.Committed();
        foreach (var alert in added) metrics.Raised(alert);
        if (added.Count > 0) delivery.Added(added.Count);
        return ValueTask.CompletedTask;
    }

    /// <summary>Somebody put another type at a key of ours: that key is left alone and told, everything else goes on.</summary>
    public ValueTask WrongTypeAsync(string key, FencedBatch batch, CancellationToken cancellationToken)
    {
        metrics.Trouble.Unreadable(key, KeyFault.WrongType);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => delivery.DisposeAsync();

    private async ValueTask ParkAsync(StreamEntry entry, string reason, FencedBatch batch, CancellationToken cancellationToken)
    {
        await park.AddAsync(entry, reason, batch, cancellationToken);
        metrics.Parked(entry.Id, reason);
    }

    private void Judge(HostFinding finding, in EventHeader header, List<AlertRecord> alerts)
    {
        foreach (var rule in rules)
        {
            if (rule.Judge(finding, header) is not { } alert) continue;
            if (alert.Unproven && rule.SuppressesUnproven) metrics.Suppressed(alert);
            else alerts.Add(alert);
        }
    }

    private void Add(AlertRecord alert, FencedBatch batch)
    {
        var fields = AlertCodec.Encode(alert);
        batch.AppendToStream(keys.Outbox(partition.Partition), fields);
        batch.SetHash(keys.Alert(partition.Partition, alert.Id), fields);
        batch.Expire(keys.Alert(partition.Partition, alert.Id), options.LedgerTtl);
    }
}
