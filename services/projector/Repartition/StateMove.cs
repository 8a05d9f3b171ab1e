using System.Text;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Peers;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <param name="OldCheckpoints">For which part of each old partition the base snapshot stands.</param>
/// <param name="Highest">The highest of them; zero when there is no base.</param>
internal sealed record MovedBase(StreamId[] OldCheckpoints, StreamId Highest);

/// <summary>
/// The state of the copy: the base snapshots moved host by host, all else folded anew from the copied log, so that state and log agree also where an event has
/// another ID.
/// </summary>
internal sealed class StateMove(IConnectionMultiplexer redis, StreamKeys keys, StreamKeys copy, StreamOptions stream, StateOptions state, TimeProvider time)
{
    private const int ToldMax = 5;

    private readonly PartitionClaims claims = new(redis, copy, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), time);

    public async Task<MovedBase> MoveBaseAsync(int from, int to, CancellationToken cancellationToken)
    {
        var checkpoints = await LivingServices.CheckpointsAsync(redis, keys, ConsumerGroups.Base, from, cancellationToken);
        var reader = new HostStateReader(redis, StateKeys.Base(keys));
        var targets = new Dictionary<int, PartitionClaim>();
        for (var partition = 0; partition < from; partition++)
        {
            foreach (var name in await reader.ReadHostNamesAsync(partition, cancellationToken))
            {
                var target = Partitioner.PartitionOf(Encoding.UTF8.GetBytes(name), to);
                if (!targets.TryGetValue(target, out var claim)) targets.Add(target, claim = await ClaimAsync(target, ConsumerGroups.Base));
                await WriteAsync(claim, StateKeys.Base(copy), await reader.ReadAsync(partition, name, cancellationToken), cancellationToken);
            }
        }
        foreach (var claim in targets.Values) await claim.DisposeAsync();
        await MoveLossAsync(from, to, cancellationToken);
        return new(checkpoints, checkpoints.Max());
    }

    /// <summary>
    /// What a base snapshot lacks is not known host by host, so from now on all lack it. What readers lost at the ceiling is not moved: their views are folded
    /// anew, from a base that did not lose it.
    /// </summary>
    private async Task MoveLossAsync(int from, int to, CancellationToken cancellationToken)
    {
        var reader = new LostEntriesReader(redis, keys);
        var losses = new List<LostEntries>();
        for (var partition = 0; partition < from; partition++) losses.AddRange((await reader.ReadAsync(partition, cancellationToken)).Where(lost => lost.Group == ConsumerGroups.Base));
        if (losses.Count == 0) return;
        HashEntry[] loss =
        [
            new($"{ConsumerGroups.Base}:entries", losses.Sum(lost => lost.Entries)), new($"{ConsumerGroups.Base}:after", losses.Min(lost => lost.After).ToString()),
            new($"{ConsumerGroups.Base}:until", losses.Max(lost => lost.Until).ToString()), new($"{ConsumerGroups.Base}:at", losses.Max(lost => lost.At)),
        ];
        for (var partition = 0; partition < to; partition++) await redis.GetDatabase().HashSetAsync(copy.Lost(partition), loss).WaitAsync(cancellationToken);
    }

    /// <summary>Base and tail into the projector's view of the copy, and that into the notifier's, which is the same fold.</summary>
    public async Task FoldAsync(int to, MovedBase bases, MergedStreams events, CancellationToken cancellationToken)
    {
        var notifierRan = (await LivingServices.CheckpointsAsync(redis, keys, ConsumerGroups.Notifier, bases.OldCheckpoints.Length, cancellationToken)).Max() > StreamId.Zero;
        for (var partition = 0; partition < to; partition++)
        {
            // What was folded into the base is not copied, so it stands for all before the first entry.
            var first = events.First[partition];
            var start = bases.Highest == StreamId.Zero ? StreamId.Zero : first == StreamId.Zero ? bases.Highest : new StreamId(first.Milliseconds - 1, 0);
            if (start > StreamId.Zero)
            {
                await using var held = await ClaimAsync(partition, ConsumerGroups.Base);
                await held.SetCheckpointAsync(held.NewBatch(), start, cancellationToken);
            }
            await using var claim = await ClaimAsync(partition, ConsumerGroups.Projector);
            var projector = StateKeys.Projector(copy);
            await CopyViewAsync(claim, StateKeys.Base(copy), projector, cancellationToken);
            if (start > StreamId.Zero) await claim.SetCheckpointAsync(claim.NewBatch(), start, cancellationToken);
            // Hosts beyond the limit of a partition stay: they were admitted where they were.
            var hosts = new HostStateStore(new HostStateReader(redis, projector), projector, partition, int.MaxValue);
            var fold = new ViewFold(claim, hosts, state.ToFoldLimits(), new LogReader(redis, copy), new PassedEntries(redis, copy, ConsumerGroups.Projector));
            while (await fold.StepAsync(StreamId.Max, stream.ReadBatchMax, cancellationToken) > 0)
            {
            }
            if (!notifierRan || claim.Checkpoint == StreamId.Zero) continue;
            await using var notifier = await ClaimAsync(partition, ConsumerGroups.Notifier);
            await CopyViewAsync(notifier, projector, StateKeys.Notifier(copy), cancellationToken);
            await notifier.SetCheckpointAsync(notifier.NewBatch(), claim.Checkpoint, cancellationToken);
        }
    }

    /// <summary>Every host of the live state against the copy's; only the IDs of the entries that changed a peer last may differ.</summary>
    /// <returns>How many were compared.</returns>
    /// <exception cref="RepartitionRefusedException">Some differ: the live state is not what the log says.</exception>
    public async Task<int> CompareAsync(int from, int to, CancellationToken cancellationToken)
    {
        var generations = new StateGenerations(redis, keys);
        var copied = new HostStateReader(redis, StateKeys.Projector(copy));
        var (count, different) = (0, new List<string>());
        for (var partition = 0; partition < from; partition++)
        {
            var live = new HostStateReader(redis, await generations.LiveKeysAsync(partition, cancellationToken));
            foreach (var name in await live.ReadHostNamesAsync(partition, cancellationToken))
            {
                var before = await live.ReadAsync(partition, name, cancellationToken);
                var after = await copied.ReadAsync(Partitioner.PartitionOf(Encoding.UTF8.GetBytes(name), to), name, cancellationToken);
                if (StateDigest.Of(before.WithoutCauses()) != StateDigest.Of(after.WithoutCauses())) different.Add(name);
                count++;
            }
        }
        if (different.Count == 0) return count;
        throw new RepartitionRefusedException(
            $"The state of {different.Count} hosts is not what the log adds up to: {string.Join(", ", different.Take(ToldMax))}. Give it up with --abandon, start the services, and look at `wgmonitor replay --verify`.");
    }

    private async Task<PartitionClaim> ClaimAsync(int partition, string group) => await claims.TakeOverAsync(partition, group);

    private async Task CopyViewAsync(PartitionClaim claim, StateKeys from, StateKeys to, CancellationToken cancellationToken)
    {
        var reader = new HostStateReader(redis, from);
        foreach (var name in await reader.ReadHostNamesAsync(claim.Partition, cancellationToken))
            await WriteAsync(claim, to, await reader.ReadAsync(claim.Partition, name, cancellationToken), cancellationToken);
    }

    private async Task WriteAsync(PartitionClaim claim, StateKeys to, HostState host, CancellationToken cancellationToken)
    {
        foreach (var peers in host.Peers.Values.Chunk(stream.ReadBatchMax))
        {
            var some = claim.NewBatch();
            foreach (var peer in peers)
            {
                some.SetHash(to.Peer(claim.Partition, host.Host, peer.Id), to.HasNamedFields ? PeerStateHash.Encode(host.Host, peer) : PeerStateHash.EncodeState(peer));
                some.AddToSortedSet(to.PeerIndex(claim.Partition), Encoding.UTF8.GetBytes(StateKeys.Member(host.Host, peer.Id)));
            }
            await claim.WriteAsync(some, cancellationToken);
        }
        var batch = claim.NewBatch();
        batch.SetHash(to.Host(claim.Partition, host.Host), to.HasNamedFields ? HostStateHash.Encode(host) : HostStateHash.EncodeState(host));
        batch.AddToSortedSet(to.HostIndex(claim.Partition), Encoding.UTF8.GetBytes(host.Host));
        await claim.WriteAsync(batch, cancellationToken);
    }
}
