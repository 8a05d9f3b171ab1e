using StackExchange.Redis;
using WgMonitor.Projector.Compat;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector;

/// <summary>Makes a <see cref="PeerProjection"/> for each partition taken over. State is loaded host by host, at the first event.</summary>
internal sealed class PeerProjections(
    IConnectionMultiplexer redis, StateGenerations generations, StateOptions options, ProjectorOptions projector, LegacyHashes legacyHashes, ProjectorMetrics metrics) : IPartitionHandlerFactory
{
    /// <summary>The fold of a host; null for the only one there is.</summary>
    public ApplyToHost? Apply { get; init; }

    /// <summary>Under the lease: whoever switches generations takes the partition over first, so this one stays live as long as it is owned.</summary>
    public async ValueTask<IPartitionHandler> CreateAsync(OwnedPartition partition, StreamId checkpoint, CancellationToken cancellationToken)
    {
        var stateKeys = await generations.LiveKeysAsync(partition.Partition, cancellationToken);
        var reader = new HostStateReader(redis, stateKeys, metrics.Trouble.Unreadable);
        var legacy = legacyHashes.HostOf(partition.Partition);
        if (legacy is not null) await legacyHashes.WriteAllAsync(legacy, partition, reader, cancellationToken);
        var hosts = new HostStateStore(reader, stateKeys, partition.Partition, options.HostsMax, legacy: legacy);
        var park = await PartitionPark.OpenAsync(redis, partition, projector.ParkedMax, checkpoint, cancellationToken);
        return new PeerProjection(partition, hosts, options.ToFoldLimits(), park, metrics, Apply);
    }
}
