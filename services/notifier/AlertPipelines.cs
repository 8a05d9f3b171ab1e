using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>Makes an <see cref="AlertPipeline"/> and its delivery workers for each partition taken over.</summary>
internal sealed class AlertPipelines(
    IConnectionMultiplexer redis, StreamKeys streamKeys, StateOptions state, NotifierOptions options, AlertRoutes routes, NotifierMetrics metrics, TimeProvider time) : IPartitionHandlerFactory
{
    private readonly StateKeys stateKeys = StateKeys.Notifier(streamKeys);
    private readonly AlertKeys alertKeys = new(streamKeys);
    private readonly IReadOnlyList<IAlertRule> rules = [.. options.EffectiveRules.Where(rule => rule.Enabled).Select(Rule)];

    /// <inheritdoc/>
    public async ValueTask<IPartitionHandler> CreateAsync(OwnedPartition partition, StreamId checkpoint, CancellationToken cancellationToken)
    {
        var hosts = new HostStateStore(new HostStateReader(redis, stateKeys, metrics.Trouble.Unreadable), stateKeys, partition.Partition, state.HostsMax);
        var memory = new AlertMemory(redis, alertKeys, partition.Partition);
        var outbox = new AlertOutbox(redis, alertKeys, partition.Partition);
        var workers = await WorkersAsync(partition, outbox, cancellationToken);
        var delivery = new PartitionDelivery(workers, outbox, options, metrics, time, partition.Lost);
        var park = await PartitionPark.OpenAsync(redis, partition, options.ParkedMax, checkpoint, cancellationToken);
        return new AlertPipeline(partition, hosts, state.ToFoldLimits(), park, rules, memory, alertKeys, delivery, options, metrics);
    }

    private async Task<IReadOnlyList<DeliveryWorker>> WorkersAsync(OwnedPartition partition, AlertOutbox outbox, CancellationToken cancellationToken)
    {
        var ledger = new DeliveryLedger(partition, redis, alertKeys, options.LedgerTtl, metrics, time);
        if (await ledger.OpenAsync(routes.All.Select(route => route.Name), cancellationToken) is not { } cursors) return [];
        var workers = new List<DeliveryWorker>();
        foreach (var route in routes.All)
        {
            var cursor = cursors[route.Name];
            var backlog = new RouteBacklog(route.Name, await outbox.CountAsync(cursor, cancellationToken));
            workers.Add(new DeliveryWorker(route, cursor, outbox, ledger, backlog, options.OutboxPendingMax, routes.Chance, metrics, time));
        }

        return workers;
    }

    private static IAlertRule Rule(RuleOptions rule) => rule.Kind switch
    {
        RuleKind.EndpointChanged => new EndpointChangedRule(rule.EffectiveName, rule.PortChanges, rule.MinTrust, rule.Unproven == UnprovenAlerts.Suppress),
        RuleKind.HostSilent or RuleKind.HostHeard or RuleKind.Gap => new HostRule(rule.Kind.Value, rule.EffectiveName, rule.MinTrust, rule.Unproven == UnprovenAlerts.Suppress),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "no such kind of rule"),
    };
}
