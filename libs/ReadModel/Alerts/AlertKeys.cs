using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>Every key of alerts and their deliveries. Only the notifier writes them.</summary>
public sealed class AlertKeys(StreamKeys keys)
{
    /// <summary>Stream: the alerts of a partition in the order they were raised, one entry each (<see cref="AlertCodec"/>).</summary>
    public string Outbox(int partition) => keys.Alerts(partition);

    /// <summary>Hash: the alert's fields and, a route, <c>ROUTE:state</c>, <c>ROUTE:attempts</c>, <c>ROUTE:reason</c>, <c>ROUTE:at</c>. Expires.</summary>
    public string Alert(int partition, string alertId) => keys.InPartition(partition, $"alert:{alertId}");

    /// <summary>Hash: a route's position in the outbox, behind which everything is settled.</summary>
    public string Cursors(int partition) => keys.InPartition(partition, "notifier:cursors");
}
