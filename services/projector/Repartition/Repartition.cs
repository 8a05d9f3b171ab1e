using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>What a repartition came to.</summary>
/// <param name="From">Partitions before.</param>
/// <param name="To">Partitions now.</param>
/// <param name="Events">Events moved.</param>
/// <param name="EventsRenumbered">Events that had the ID of another one of their new partition, and got the next free one.</param>
/// <param name="Hosts">Hosts whose state was compared before and after.</param>
/// <param name="Alerts">Alerts moved, with what is known of their delivery.</param>
public sealed record RepartitionReport(int From, int To, long Events, long EventsRenumbered, int Hosts, int Alerts);

/// <summary>
/// Read this first. The log and all that hangs on it under another number of partitions, while every service is stopped:
/// nobody lives → marked, so that nobody starts → everything copied under a prefix of its own, events merged by ID → state folded anew and compared, host by
/// host → the old keys deleted → the new ones renamed → the new number recorded, with which the mark goes.
/// </summary>
/// <remarks>
/// It can be killed anywhere and run again. Until everything is copied and compared nothing of the old is touched, and it can be abandoned; from then on the
/// copy is the log, and the next run goes on. Names and copies have the same hash tag, so a cluster renames within a slot.
/// </remarks>
public sealed class Repartition(IConnectionMultiplexer redis, StreamOptions stream, StateOptions state, TimeProvider time)
{
    private readonly StreamKeys keys = new(stream.Prefix);
    private readonly RepartitionMark mark = new(redis, new StreamKeys(stream.Prefix));
    private readonly PartitionKeyScan scan = new(redis);

    /// <summary>Under which the copy stands until it takes the place of the log.</summary>
    private StreamKeys Copy => new($"{stream.Prefix}.repartition");

    /// <summary>Makes <paramref name="partitions"/> partitions of as many as there are, or goes on with a run that was interrupted.</summary>
    /// <param name="partitions">1 to 256.</param>
    /// <param name="collectorSilence">A collector whose status is younger than this lives.</param>
    /// <param name="cancellationToken">Ends it as a kill would.</param>
    /// <returns>Null if there is nothing to do.</returns>
    /// <exception cref="RepartitionRefusedException">Something lives, is unknown, or differs. Nothing of the log was changed.</exception>
    public async Task<RepartitionReport?> RunAsync(int partitions, TimeSpan collectorSilence, CancellationToken cancellationToken)
    {
        await using var hold = await RepartitionHold.TakeAsync(redis, keys, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Lost, cancellationToken);
        var stop = either.Token;
        var begun = await mark.ReadAsync(stop) ?? throw new RepartitionRefusedException($"There is no log '{stream.Prefix}' in this Redis.");
        if (begun.Step != RepartitionStep.None && begun.To != partitions)
            throw new RepartitionRefusedException($"A repartition to {begun.To} was begun and not finished. Run it again with {begun.To}{(begun.Step == RepartitionStep.Copying ? ", or give it up with --abandon" : "")}.");
        if (begun.Step == RepartitionStep.None && begun.From == partitions) return null;

        RepartitionReport? report = null;
        if (begun.Step is RepartitionStep.None or RepartitionStep.Copying)
        {
            report = await CopyAsync(begun.From, partitions, collectorSilence, stop);
            await mark.WriteAsync(RepartitionStep.Deleting, begun.From, partitions, stop);
        }
        if (begun.Step != RepartitionStep.Renaming)
        {
            await scan.DeleteAsync(keys, stop);
            await mark.WriteAsync(RepartitionStep.Renaming, begun.From, partitions, stop);
        }
        await scan.RenameAsync(Copy, keys, stop);
        await mark.EndAsync(partitions, stop);
        return report ?? new(begun.From, partitions, 0, 0, 0, 0);
    }

    /// <summary>Gives up a run that has only copied. False if none was begun.</summary>
    /// <exception cref="RepartitionRefusedException">It is past that; only going on is left.</exception>
    public async Task<bool> AbandonAsync(CancellationToken cancellationToken)
    {
        await using var hold = await RepartitionHold.TakeAsync(redis, keys, time);
        if (await mark.ReadAsync(cancellationToken) is not { Step: not RepartitionStep.None } begun) return false;
        if (begun.Step != RepartitionStep.Copying) throw new RepartitionRefusedException($"The copy has begun to take the place of the log. Run it again with {begun.To}: it goes on where it stopped.");
        await scan.DeleteAsync(Copy, cancellationToken);
        await mark.EndAsync(begun.From, cancellationToken);
        return true;
    }

    private async Task<RepartitionReport> CopyAsync(int from, int to, TimeSpan collectorSilence, CancellationToken stop)
    {
        var living = new LivingServices(redis, keys, stream, time, collectorSilence);
        await living.RefuseAsync(from, stop);
        await living.RefuseBehindAsync(from, stop);
        // Who starts from now on is refused; who started a moment ago is seen now.
        await mark.WriteAsync(RepartitionStep.Copying, from, to, stop);
        await living.RefuseAsync(from, stop);
        var unknown = await scan.UnknownAsync(keys, stop);
        if (unknown.Count > 0) throw new RepartitionRefusedException($"There are keys that this version cannot move: {string.Join(", ", unknown)}. Use the version that wrote them, or delete them; then run it again.");

        await scan.DeleteAsync(Copy, stop);
        var merge = new StreamMerge(redis, from, to);
        var states = new StateMove(redis, keys, Copy, stream, state, time);
        var bases = await states.MoveBaseAsync(from, to, stop);
        var parked = new ParkMove(redis, keys, Copy, from);
        await parked.ReadAsync(stop);
        var events = await merge.CopyAsync(keys.Events, Copy.Events, bases.OldCheckpoints, null, stop, parked.Note);
        await parked.MoveAsync(merge, stop);
        await states.FoldAsync(to, bases, events, stop);
        var hosts = await states.CompareAsync(from, to, stop);
        var alerts = await new AlertMove(redis, keys, Copy, from, to).MoveAsync(merge, scan, stop);
        return new(from, to, events.Count, events.Renumbered, hosts, alerts);
    }
}

/// <summary>The log cannot be repartitioned as things are. The message is one sentence or more that say what to do.</summary>
public sealed class RepartitionRefusedException(string message) : Exception(message);
