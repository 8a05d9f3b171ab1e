using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Archive;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Rebuild;

/// <summary>
/// Read this first. The projector's view of one partition made anew from the log, beside the live one:
/// hold the base snapshot → copy it into a new generation (or begin with nothing, and fold the archive) → fold the tail while the projection goes on → take the partition over, so that the live view
/// stands still at one entry → fold up to that entry, compare → switch with one write → give the partition back.
/// </summary>
/// <remarks>
/// It can be killed anywhere: until the switch nobody reads what it wrote, a later run goes on from its checkpoint, and a partition that was taken over is
/// free again when the lease runs out. The notifier has a view of its own and takes no part, so a rebuild never sends an alert.
/// </remarks>
public sealed class PartitionRebuild(
    IConnectionMultiplexer redis, StreamKeys keys, PartitionClaims claims, StateGenerations generations, LogReader log, StreamOptions stream, StateOptions state, TimeProvider time)
{
    // The trimmer holds the base for a moment a round; a rebuild holds it for as long as it runs.
    private static readonly TimeSpan BaseWaitMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BaseWaitStep = TimeSpan.FromMilliseconds(100);

    private readonly ViewCopy views = new(redis, stream.ReadBatchMax);
    private readonly PassedEntries passed = new(redis, keys, ConsumerGroups.Projector);
    private readonly LogExtentReader extents = new(redis, keys);
    private readonly LostEntriesReader losses = new(redis, keys);

    /// <summary>With everything it needs.</summary>
    public static PartitionRebuild Create(IConnectionMultiplexer redis, StreamOptions stream, StateOptions state, TimeProvider time)
    {
        var keys = new StreamKeys(stream.Prefix);
        var claims = new PartitionClaims(redis, keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), time);
        return new(redis, keys, claims, new StateGenerations(redis, keys), new LogReader(redis, keys), stream, state, time);
    }

    /// <summary>Rebuilds one partition, or goes on with a rebuild that was interrupted.</summary>
    /// <exception cref="RebuildRefusedException">Another rebuild runs, or the generation before is still kept.</exception>
    /// <exception cref="PartitionClaimException">Redis refused a write; run it again.</exception>
    public async Task<RebuildReport> RunAsync(int partition, RebuildOptions options, CancellationToken cancellationToken)
    {
        await using var held = await HoldBaseAsync(partition, cancellationToken);
        var source = options.FromArchive is { } directory ? new ArchivedLogReader(new ArchiveReader(directory), log, extents) : null;
        var missing = source is null ? await MissingFromBaseAsync(held, cancellationToken) : await source.GapsAsync(partition, cancellationToken);
        var generation = await BeginAsync(held, options.VerifyOnly, cancellationToken);
        var number = generation.Building!.Value;
        var report = await RebuildAsync(held, generation, source, missing, options, cancellationToken);
        var finished = report.Outcome == RebuildOutcome.Switched
            ? new StateGeneration(number, generation.Live, StreamId.Parse(report.To), null, generation.Highest)
            : generation with { Building = null };
        if (report.Outcome != RebuildOutcome.Switched)
        {
            // First that it is no view of its checkpoint any more: should this end halfway, the next run begins anew.
            var unfinished = held.NewBatch();
            foreach (var group in GroupsOf(number)) unfinished.DeleteKey(keys.Checkpoint(partition, group));
            await held.WriteAsync(unfinished, cancellationToken);
            await views.DeleteAsync(held, generations.KeysOf(number), cancellationToken);
        }
        await EndAsync(held, finished, number, cancellationToken);
        if (source is not null && report is { Outcome: RebuildOutcome.Switched, Complete: true }) await RemakeBaseAsync(held, source, StreamId.Parse(report.To), cancellationToken);
        return report;
    }

    private async Task<RebuildReport> RebuildAsync(PartitionClaim held, StateGeneration generation, ArchivedLogReader? source, IReadOnlyList<ArchiveGap> missing, RebuildOptions options, CancellationToken cancellationToken)
    {
        var partition = held.Partition;
        var number = generation.Building!.Value;
        var rebuilt = generations.KeysOf(number);
        // Who holds the base is the only one who rebuilds.
        await using var claim = await claims.TakeOverAsync(partition, source is null ? ConsumerGroups.Rebuild(number) : ConsumerGroups.RebuildFromArchive(number));
        if (claim.Checkpoint == StreamId.Zero || (source is null && claim.Checkpoint < held.Checkpoint)) await StartAsync(held, claim, number, source is null, cancellationToken);

        var hosts = new HostStateStore(new HostStateReader(redis, rebuilt), rebuilt, partition, state.HostsMax);
        var fold = new RebuildFold(claim, hosts, state.ToFoldLimits(), source is null ? log : source, passed);
        var start = time.GetTimestamp();
        var events = await CatchUpAsync(fold, partition, options.EventsPerSecondMax, start, cancellationToken);
        // Written while the projection goes on; what is left then is little.
        await fold.WriteAsync(cancellationToken);

        await using var live = await claims.TakeOverAsync(partition, ConsumerGroups.Projector);
        int folded;
        while ((folded = await fold.StepAsync(live.Checkpoint, stream.ReadBatchMax, cancellationToken)) > 0) events += folded;
        await fold.WriteAsync(cancellationToken);
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        var comparison = await ViewComparison.OfAsync(redis, partition, generations.KeysOf(generation.Live), rebuilt, cancellationToken);
        var complete = missing.Count == 0;
        var outcome = Judge(comparison, complete, options);
        if (outcome == RebuildOutcome.Switched)
        {
            var batch = live.NewBatch();
            generations.Write(batch, partition, new(number, generation.Live, live.Checkpoint, null, generation.Highest));
            // With the switch: should this end here, nobody would know of them any more.
            DeleteProgress(batch, partition, number);
            await live.WriteAsync(batch, cancellationToken);
        }
        return new(
            partition, outcome, number, (source is null ? held.Checkpoint : StreamId.Zero).ToString(), live.Checkpoint.ToString(), events, seconds, complete, [.. missing.Select(Words)],
            fold.Replay.LeftOut, fold.Replay.FailedCount, [.. fold.Replay.Failed.Select(id => id.ToString())], comparison.Live.ToString(), comparison.Rebuilt.ToString(), comparison.DifferenceCount, comparison.Differences);
    }

    private static RebuildOutcome Judge(ViewComparison comparison, bool complete, RebuildOptions options)
    {
        if (!complete && !options.AllowIncomplete) return RebuildOutcome.Incomplete;
        if (comparison.DifferenceCount > 0 && (options.VerifyOnly || !options.AcceptDifferences)) return RebuildOutcome.Different;
        return options.VerifyOnly ? RebuildOutcome.Verified : RebuildOutcome.Switched;
    }

    private async Task<PartitionClaim> HoldBaseAsync(int partition, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (await claims.TryClaimAsync(partition, ConsumerGroups.Base) is { } held) return held;
            if (time.GetElapsedTime(start) > BaseWaitMax)
                throw new RebuildRefusedException($"Another rebuild of partition {partition} is running. If it was killed, its hold ends after stream.lease_ttl ({stream.LeaseTtl.TotalSeconds:0} s).");
            await Task.Delay(BaseWaitStep, time, cancellationToken);
        }
    }

    /// <summary>Reserves a number, or finds the one of an interrupted rebuild.</summary>
    private async Task<StateGeneration> BeginAsync(PartitionClaim held, bool verifyOnly, CancellationToken cancellationToken)
    {
        var generation = await generations.ReadAsync(held.Partition, cancellationToken);
        if (generation.Previous is not null && !verifyOnly)
            throw new RebuildRefusedException($"Partition {held.Partition} still keeps the state before the last rebuild. Delete it with --finalize, or go back to it with --rollback.");
        if (generation.Building is not null) return generation;
        generation = generation with { Building = generation.Highest + 1, Highest = generation.Highest + 1 };
        var batch = held.NewBatch();
        generations.Write(batch, held.Partition, generation);
        await held.WriteAsync(batch, cancellationToken);
        return generation;
    }

    /// <summary>What is neither in the base snapshot nor in the log.</summary>
    private async Task<IReadOnlyList<ArchiveGap>> MissingFromBaseAsync(PartitionClaim held, CancellationToken cancellationToken)
    {
        var lost = (await losses.ReadAsync(held.Partition, cancellationToken)).Where(lost => lost.Group == ConsumerGroups.Base).Select(lost => new ArchiveGap(lost.After, lost.Until));
        if (held.Checkpoint != StreamId.Zero || !await log.IsTrimmedAsync(held.Partition, cancellationToken)) return [.. lost];
        return [.. lost, new(StreamId.Zero, (await extents.ReadAsync(held.Partition, measure: false, cancellationToken)).First)];
    }

    private static string Words(ArchiveGap gap) => gap.After == StreamId.Zero ? $"before {gap.Before}" : gap.Before == StreamId.Max ? $"after {gap.After}" : $"between {gap.After} and {gap.Before}";

    /// <summary>The new view as the base has it, or empty. A checkpoint says that all of it is there; that of a rebuild of the other kind goes, for its view does.</summary>
    private async Task StartAsync(PartitionClaim held, PartitionClaim claim, int number, bool fromBase, CancellationToken cancellationToken)
    {
        var rebuilt = generations.KeysOf(number);
        var batch = claim.NewBatch();
        batch.DeleteKey(keys.Checkpoint(claim.Partition, fromBase ? ConsumerGroups.RebuildFromArchive(number) : ConsumerGroups.Rebuild(number)));
        await claim.SetCheckpointAsync(batch, StreamId.Zero, cancellationToken);
        await views.DeleteAsync(claim, rebuilt, cancellationToken);
        if (!fromBase) return;
        await views.CopyAsync(claim, StateKeys.Base(keys), rebuilt, cancellationToken);
        await claim.SetCheckpointAsync(claim.NewBatch(), held.Checkpoint, cancellationToken);
    }

    /// <summary>
    /// Makes the base snapshot anew from the archive, up to the entry at which the views were compared: it was missing or not to be trusted, or nobody would have asked
    /// for the archive. Until it is done it is marked as incomplete.
    /// </summary>
    private async Task RemakeBaseAsync(PartitionClaim held, ArchivedLogReader source, StreamId last, CancellationToken cancellationToken)
    {
        var baseKeys = StateKeys.Base(keys);
        await held.SetCheckpointAsync(MarkBase(held, 1, last), StreamId.Zero, cancellationToken);
        await views.DeleteAsync(held, baseKeys, cancellationToken);
        var hosts = new HostStateStore(new HostStateReader(redis, baseKeys), baseKeys, held.Partition, state.HostsMax);
        var fold = new ViewFold(held, hosts, state.ToFoldLimits(), source, passed);
        while (await fold.StepAsync(last, stream.ReadBatchMax, cancellationToken) > 0)
        {
        }
        await held.WriteAsync(MarkBase(held, 0, last), cancellationToken);
    }

    private FencedBatch MarkBase(PartitionClaim held, long entries, StreamId until)
    {
        var batch = held.NewBatch();
        batch.SetHash(keys.Lost(held.Partition),
        [
            EventField.Of($"{ConsumerGroups.Base}:entries", entries),
            EventField.Of($"{ConsumerGroups.Base}:after", StreamId.Zero.ToString()),
            EventField.Of($"{ConsumerGroups.Base}:until", until.ToString()),
            EventField.Of($"{ConsumerGroups.Base}:at", time.GetUtcNow().ToUnixTimeMilliseconds()),
        ]);
        return batch;
    }

    private async Task<long> CatchUpAsync(RebuildFold fold, int partition, int eventsPerSecondMax, long start, CancellationToken cancellationToken)
    {
        var (events, last) = (0L, StreamId.Zero);
        while (true)
        {
            var folded = await fold.StepAsync(last, stream.ReadBatchMax, cancellationToken);
            if (folded == 0)
            {
                var before = last;
                if ((last = await claims.ReadCheckpointAsync(partition, ConsumerGroups.Projector)) <= before) return events;
                continue;
            }
            events += folded;
            if (eventsPerSecondMax == 0) continue;
            var ahead = TimeSpan.FromSeconds((double)events / eventsPerSecondMax) - time.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead, time, cancellationToken);
        }
    }

    private async Task EndAsync(PartitionClaim held, StateGeneration generation, int number, CancellationToken cancellationToken)
    {
        var batch = held.NewBatch();
        generations.Write(batch, held.Partition, generation);
        DeleteProgress(batch, held.Partition, number);
        await held.WriteAsync(batch, cancellationToken);
    }

    private static string[] GroupsOf(int number) => [ConsumerGroups.Rebuild(number), ConsumerGroups.RebuildFromArchive(number)];

    private void DeleteProgress(FencedBatch batch, int partition, int number)
    {
        foreach (var group in GroupsOf(number))
        {
            batch.DeleteKey(keys.Checkpoint(partition, group));
            batch.DeleteKey(keys.Lease(partition, group));
        }
    }

    /// <summary>Deletes the generation before the live one; false when there is none.</summary>
    /// <exception cref="RebuildRefusedException">A rebuild runs.</exception>
    public async Task<bool> FinalizeAsync(int partition, CancellationToken cancellationToken)
    {
        await using var held = await HoldBaseAsync(partition, cancellationToken);
        return await DeletePreviousAsync(held, cancellationToken);
    }

    /// <summary>Makes the generation before live again, from the entry at which it was left; false when there is none.</summary>
    /// <exception cref="RebuildRefusedException">A rebuild runs, or that entry may be trimmed already.</exception>
    public async Task<bool> RollBackAsync(int partition, CancellationToken cancellationToken)
    {
        await using var held = await HoldBaseAsync(partition, cancellationToken);
        var generation = await generations.ReadAsync(partition, cancellationToken);
        if (generation.Previous is not { } previous) return false;
        if (held.Checkpoint > generation.SwitchedAt)
            throw new RebuildRefusedException($"The log of partition {partition} does not reach back to {generation.SwitchedAt} any more, where the state before the rebuild stopped. Use --finalize.");
        await using (var live = await claims.TakeOverAsync(partition, ConsumerGroups.Projector))
        {
            var batch = live.NewBatch();
            // What is left takes the place of the kept one, so that it is found should this end before it is deleted.
            generations.Write(batch, partition, generation with { Live = previous, Previous = generation.Live, SwitchedAt = live.Checkpoint });
            await live.SetCheckpointAsync(batch, generation.SwitchedAt, cancellationToken);
        }
        await DeletePreviousAsync(held, cancellationToken);
        return true;
    }

    private async Task<bool> DeletePreviousAsync(PartitionClaim held, CancellationToken cancellationToken)
    {
        var generation = await generations.ReadAsync(held.Partition, cancellationToken);
        if (generation.Previous is not { } previous) return false;
        await views.DeleteAsync(held, generations.KeysOf(previous), cancellationToken);
        var batch = held.NewBatch();
        generations.Write(batch, held.Partition, generation with { Previous = null, SwitchedAt = StreamId.Zero });
        await held.WriteAsync(batch, cancellationToken);
        return true;
    }
}
