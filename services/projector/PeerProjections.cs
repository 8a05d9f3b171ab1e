using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>Makes a <see cref="PeerProjection"/> for each partition taken over. State is loaded host by host, at the first event.</summary>
internal sealed class PeerProjections(IConnectionMultiplexer redis, StreamKeys keys, StateOptions options, ParkedEvents parked, ProjectorMetrics metrics) : IPartitionHandlerFactory
{
    private readonly StateKeys stateKeys = StateKeys.Projector(keys);

    public ValueTask<IPartitionHandler> CreateAsync(OwnedPartition partition, StreamId checkpoint, CancellationToken cancellationToken)
    {
        var hosts = new HostStateStore(new HostStateReader(redis, stateKeys, metrics.Trouble.Unreadable), stateKeys, partition.Partition, options.HostsMax);
        return ValueTask.FromResult<IPartitionHandler>(new PeerProjection(partition, hosts, options.ToFoldLimits(), parked, metrics));
    }
}
