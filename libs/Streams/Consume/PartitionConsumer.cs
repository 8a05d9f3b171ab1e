using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Consumes one owned partition: set the group to the checkpoint, make a handler from stored state, apply what lies behind it in order (first what a
/// predecessor had read and not applied), one commit a batch. On any doubt it throws the handler away and starts over.
/// </summary>
internal sealed class PartitionConsumer(
    OwnedPartition partition, PartitionMemory memory, IPartitionHandlerFactory factory, GroupReader reader, BatchCommitter committer, WakeSignal wake,
    StreamOptions options, StreamMetrics metrics, WeatherReport report, ILogger logger, TimeProvider time)
{
    // NOGROUP comes back at once and would spin; it also means that somebody emptied Redis, who may not be done.
    private static readonly TimeSpan GroupMissingPause = TimeSpan.FromSeconds(1);

    private readonly FencedBatch batch = partition.NewBatch();
    private readonly Backoff backoff = new(options.BackoffMin, options.BackoffMax, time);
    private StreamId checkpoint;
    private volatile bool reconnected;

    private enum Next
    {
        Continue,
        StartOver,
        Stop,
    }

    private int Partition => partition.Partition;

    /// <summary>The connection was lost and is back: what Redis holds may be older than what we remember.</summary>
    public void Reconnected()
    {
        reconnected = true;
        wake.Set();
    }

    /// <summary>Runs until <paramref name="stopping"/> (after the batch in hand) or until the partition is lost.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && !partition.Lost.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                if (await ConsumeAsync(stopping).ConfigureAwait(false) == Next.Stop) return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested || partition.Lost.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) // the loop's outermost line: weather, or a handler that failed
            {
                pause = Report(exception);
            }

            metrics.HandlerRestarted(partition.Group);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, partition.Lost);
            await backoff.PauseAsync(either.Token, pause).ConfigureAwait(false);
        }
    }

    private async Task<Next> ConsumeAsync(CancellationToken stopping)
    {
        reconnected = false;
        if (await reader.OpenAsync().ConfigureAwait(false) is not { } position) return Next.Stop;
        await NoteAsync(position).ConfigureAwait(false);
        checkpoint = position.Checkpoint;

        var handler = await factory.CreateAsync(partition, checkpoint, partition.Lost).ConfigureAwait(false);
        try
        {
            var next = await SettlePendingAsync(handler, stopping).ConfigureAwait(false);
            return next == Next.Continue ? await ConsumeNewAsync(handler, stopping).ConfigureAwait(false) : next;
        }
        finally
        {
            await DisposeAsync(handler).ConfigureAwait(false);
        }
    }

    // What is pending and behind the checkpoint comes again with the first reads. Left over is what is applied already, and what was trimmed: acknowledged, and
    // counted as lost if nobody applied it.
    private async Task<Next> SettlePendingAsync(IPartitionHandler handler, CancellationToken stopping)
    {
        var after = StreamId.Zero;
        while (!stopping.IsCancellationRequested)
        {
            var pending = await reader.ReadPendingAsync(after, options.ReadBatchMax).ConfigureAwait(false);
            if (pending.Count == 0) return Next.Continue;
            after = pending[^1].Id;
            var settled = pending.FindAll(entry => entry.IsTrimmed || entry.Id <= checkpoint);
            if (settled.Count == 0) continue;
            batch.Clear();
            var next = await CommitAsync(handler, new CheckpointMove(checkpoint, checkpoint, null, settled), stopping).ConfigureAwait(false);
            if (next != Next.Continue) return next;
            var lost = settled.Count(entry => entry.Id > checkpoint);
            metrics.Applied(partition.Group, 0, settled.Count - lost, lost);
            if (lost > 0) StreamLog.LostByRetention(logger, Partition, partition.Group, lost);
        }

        return Next.Stop;
    }

    private async Task<Next> ConsumeNewAsync(IPartitionHandler handler, CancellationToken stopping)
    {
        var delay = options.PollMin;
        var hinted = false;
        while (!stopping.IsCancellationRequested)
        {
            if (reconnected)
            {
                reconnected = false;
                if (await reader.OpenAsync().ConfigureAwait(false) is not { } position) return Next.Stop;
                await NoteAsync(position).ConfigureAwait(false);
                if (position.Checkpoint != checkpoint) return Moved(position.Checkpoint);
            }

            var countMax = memory.Failures.ReadMax(checkpoint, options.ReadBatchMax);
            if (await ReadNewAsync(countMax, stopping).ConfigureAwait(false) is not { } entries) continue;
            if (entries.Count > 0)
            {
                // Found by a hint: hints come, and the next one ends the wait. Found without one: there may be none to wait for.
                delay = hinted ? options.PollMax : options.PollMin;
                memory.LastSeen = entries[^1].Id;
                var next = await ApplyAsync(handler, entries, stopping).ConfigureAwait(false);
                if (next != Next.Continue) return next;
            }

            // Fewer than asked for is all there was. What came since gave a hint, which is kept for the wait.
            if (entries.Count == countMax) continue;

            // Reads are not fenced: a former owner that woke up late may have taken what we were to read, and a partition that stays quiet would never show it.
            // After a commit nothing of ours is pending, so whatever is pending behind the checkpoint was taken behind our back.
            if (!hinted && delay >= options.PollMax && (await reader.ReadPendingAsync(checkpoint, 1).ConfigureAwait(false)).Count > 0)
            {
                report.Weather("entries_skipped", "read", Partition);
                return Next.StartOver;
            }

            backoff.Reset();
            hinted = await wake.WaitAsync(delay, stopping).WaitAsync(partition.Lost).ConfigureAwait(false);
            if (!hinted) delay = delay * 2 < options.PollMax ? delay * 2 : options.PollMax;
        }

        return Next.Stop;
    }

    // A read that Redis refused changed nothing, so memory stays valid; after a time-out entries may be pending that nobody saw, and we start over.
    private async Task<List<StreamEntry>?> ReadNewAsync(int countMax, CancellationToken stopping)
    {
        try
        {
            return await reader.ReadNewAsync(countMax).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisWeather.TryRead(exception, out var weather) && weather is { IsCertain: true, Reason: not "nogroup" })
        {
            report.Weather(weather.Reason, "read", Partition, exception);
            await PauseAsync(stopping).ConfigureAwait(false);
            return null;
        }
    }

    private async Task<Next> ApplyAsync(IPartitionHandler handler, List<StreamEntry> entries, CancellationToken stopping)
    {
        // The group stands at the checkpoint, so all of them are behind it, unless somebody moved the group.
        var fresh = entries.Exists(entry => entry.Id <= checkpoint) ? entries.FindAll(entry => entry.Id > checkpoint) : entries;
        var last = entries[^1].Id;
        batch.Clear();
        if (fresh.Count > 0) await HandleAsync(handler, fresh).ConfigureAwait(false);
        var move = new CheckpointMove(checkpoint, last > checkpoint ? last : checkpoint, fresh.Count > 0 ? fresh[0].Id : null, entries);
        var next = await CommitAsync(handler, move, stopping).ConfigureAwait(false);
        if (next != Next.Continue) return next;

        metrics.Applied(partition.Group, fresh.Count, entries.Count - fresh.Count, 0);
        if (fresh.Count > 0) await handler.CommittedAsync(checkpoint, partition.Lost).ConfigureAwait(false);
        return Next.Continue;
    }

    private async Task HandleAsync(IPartitionHandler handler, List<StreamEntry> entries)
    {
        if (entries.Count == 1 && memory.Failures.IsPoison(entries[0]))
        {
            await handler.ParkAsync(entries[0], batch, partition.Lost).ConfigureAwait(false);
            return;
        }

        try
        {
            await handler.ApplyAsync(entries, batch, partition.Lost).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !RedisWeather.TryRead(exception, out _))
        {
            memory.Failures.Add(entries);
            throw;
        }
    }

    private async Task<Next> CommitAsync(IPartitionHandler handler, CheckpointMove move, CancellationToken stopping)
    {
        while (true)
        {
            switch (await committer.CommitAsync(partition, batch, move, partition.Lost).ConfigureAwait(false))
            {
                case CommitOutcome.Applied:
                    checkpoint = memory.CheckpointSeen = move.Next;
                    backoff.Reset();
                    return Next.Continue;
                case CommitOutcome.LeaseLost:
                    return Next.Stop;
                case CommitOutcome.CheckpointMoved moved:
                    return Moved(moved.Stored);
                case CommitOutcome.EntriesSkipped:
                    report.Weather("entries_skipped", "commit", Partition);
                    return Next.StartOver;
                case CommitOutcome.WrongType wrong:
                    await ParkAsync(handler, wrong.Keys).ConfigureAwait(false);
                    break;
                case CommitOutcome.Retry { IsCertain: true } refused:
                    // Nothing was written and memory is right: keep the batch, read nothing more, try again.
                    report.Weather(refused.Reason, "commit", Partition);
                    await PauseAsync(stopping).ConfigureAwait(false);
                    break;
                case CommitOutcome.Retry doubtful:
                    report.Weather(doubtful.Reason, "commit", Partition);
                    return Next.StartOver;
            }

            if (stopping.IsCancellationRequested) return Next.Stop;
        }
    }

    private async Task ParkAsync(IPartitionHandler handler, IReadOnlyList<string> wrongKeys)
    {
        foreach (var key in wrongKeys)
        {
            if (!batch.Keys.Contains(key)) throw new WrongKeyTypeException(key);
            report.WrongType(key);
            await handler.WrongTypeAsync(key, batch, partition.Lost).ConfigureAwait(false);
            batch.Skip(key);
        }
    }

    private Next Moved(StreamId stored)
    {
        metrics.Failed(partition.Group, "checkpoint_moved");
        StreamLog.CheckpointMoved(logger, Partition, partition.Group, stored, checkpoint);
        return Next.StartOver;
    }

    private async Task NoteAsync(LogPosition position)
    {
        if (position.IsCreated)
        {
            StreamLog.GroupCreated(logger, Partition, partition.Group, position.Checkpoint);
            metrics.GroupCreated(partition.Group);
        }

        var had = memory.LastSeen > position.Checkpoint ? memory.LastSeen : position.Checkpoint;
        if (had < memory.CheckpointSeen) had = memory.CheckpointSeen;
        var isRewound = position.LastGenerated < had || position.Checkpoint < memory.CheckpointSeen;
        if (isRewound)
        {
            StreamLog.HistoryRewound(logger, Partition, partition.Group, position.LastGenerated, position.Checkpoint, had);
            metrics.HistoryRewound(partition.Group);
        }

        // Opening lifts the log to the checkpoint where it stood lower.
        memory.LastSeen = position.LastGenerated > position.Checkpoint ? position.LastGenerated : position.Checkpoint;
        memory.CheckpointSeen = position.Checkpoint;
        // Also where the log is no shorter: a collector may have sent again what it lacked before anybody looked.
        if (isRewound) await TellAsync(had, position.LastGenerated < had ? position.LastGenerated : position.Checkpoint).ConfigureAwait(false);
    }

    // For others to see: the API warns of it. Not written is not told, and no reason to stop.
    private async Task TellAsync(StreamId had, StreamId found)
    {
        var told = partition.NewBatch();
        LostHistory.Write(told, partition, new LostHistory(Partition, partition.Group, time.GetUtcNow(), had, found));
        var outcome = await committer.CommitAsync(partition, told, null, partition.Lost).ConfigureAwait(false);
        if (outcome is CommitOutcome.Retry refused) report.Weather(refused.Reason, "commit", Partition);
    }

    private TimeSpan Report(Exception exception)
    {
        if (RedisWeather.TryRead(exception, out var weather)) report.Weather(weather.Reason, "consume", Partition, exception);
        else if (exception is PartitionClaimException { Outcome: CommitOutcome.Retry refused }) report.Weather(refused.Reason, "commit", Partition);
        else if (exception is WrongKeyTypeException) report.Weather("wrongtype", "consume", Partition, exception);
        else report.HandlerFailed(exception, Partition);
        return weather.Reason == "nogroup" ? GroupMissingPause : TimeSpan.Zero;
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, partition.Lost);
        await backoff.PauseAsync(either.Token).ConfigureAwait(false);
    }

    private async Task DisposeAsync(IPartitionHandler handler)
    {
        try
        {
            await handler.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException) // a handler that cannot close must not keep the partition
        {
            StreamLog.HandlerDisposalFailed(logger, exception, Partition, partition.Group);
        }
    }
}
