using System.Text;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Coverage;

/// <summary>
/// Tells what this collector knows of lines that are not in the log: hosts that fell silent, datagrams that were lost, the time it did not run, an end of the
/// log that Redis lost. Each becomes an event for every host concerned; see docs/decisions/0011-gaps-are-told.md.
/// </summary>
/// <remarks>Registered before <see cref="CollectorRun"/>, so that it is stopped after it and its last word comes after the last line.</remarks>
internal sealed class CoverageWriter(
    CollectorOptions options, CollectorPipeline pipeline, EventBuffer buffer, CollectorSpool spool, CollectorRun run, CollectorRunStore store, Rewinds rewinds,
    CoverageMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    // Each host may have this many facts waiting while Redis is away.
    private const int FactsPerHost = 4;

    // Of the stop: Redis is away, or answers in milliseconds.
    private static readonly TimeSpan LastWriteMax = TimeSpan.FromSeconds(2);

    private readonly CoverageQueue queue = new(buffer, metrics, FactsPerHost * options.Limits.HostsMax, time);
    private readonly SharedLoss socketDrops = new(LossReasons.SocketDrops);
    private readonly SharedLoss spoolDropped = new(LossReasons.SpoolDropped);
    private RunRecord? record;
    private Task storing = Task.CompletedTask;
    private long? countedAt;
    private long countedWall;
    private long startedWall;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken)) return;
        startedWall = countedWall = UnixMicroseconds.Now(time);
        record = new(store, buffer, options.Name ?? DefaultName());
        using var timer = new PeriodicTimer(options.Silence.Tick < options.StatusInterval ? options.Silence.Tick : options.StatusInterval, time);
        while (await NextAsync(timer, stoppingToken))
        {
            // What is written once the buffer is complete, nobody would append.
            if (run.ListeningEndedAt is not null) return;
            if (!record.IsRead && await record.TryReadAsync(stoppingToken) is { } before) Restore(before);
            Look();
            while (rewinds.TryTake(out var rewind)) TellRewind(rewind);
            if (countedAt is not { } at || time.GetElapsedTime(at) >= options.StatusInterval) Count(stoppingToken);
            queue.Flush();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await storing;
        if (record is null || run.ListeningEndedAt is not { } ended || !record.TryEnd(ended)) return;
        List<CollectorHost> changed = [];
        pipeline.WithWatch(watch => changed = RunRecord.Changed(watch.Hosts));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastWriteMax);
        await record.TryWriteAsync(changed, [], limit.Token);
    }

    private async Task<bool> StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await Task.WhenAny(started.Task, Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken));
        return started.Task.IsCompleted;
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The same at every start on this machine, and another one for each collector on it.</summary>
    private string DefaultName()
    {
        var endPoint = run.Listeners.Count > 0 ? run.Listeners[0].LocalEndPoint : run.StreamListeners[0].LocalEndPoint;
        return string.Concat($"{Environment.MachineName}_{endPoint}".Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));
    }

    /// <summary>Learns what the run before knew, and tells the time between the two to all who kept nothing meanwhile.</summary>
    private void Restore(CollectorRunRecord before)
    {
        var now = Monotonic();
        pipeline.WithWatch(watch =>
        {
            foreach (var host in before.Hosts)
            {
                if (!RunRecord.IsRecent(host, startedWall)) continue;
                var name = Encoding.ASCII.GetBytes(host.Host);
                watch.Restore(host, name, Partitioner.PartitionOf(name, buffer.PartitionCount), now);
            }
            if (before.WholeUntil == 0) return;
            var recent = before.Hosts.Where(host => !host.IsAcknowledged && RunRecord.IsRecent(host, startedWall)).Select(host => host.Host).ToHashSet(StringComparer.Ordinal);
            foreach (var host in watch.Hosts.Where(host => recent.Contains(Encoding.ASCII.GetString(host.Name))))
                queue.Add(new(host, EventKind.LinesLost, before.WholeUntil, startedWall) { Reason = LossReasons.CollectorOutage });
        });
    }

    private void Look()
    {
        var silent = new List<WatchedHost>();
        pipeline.WithWatch(watch =>
        {
            watch.Look(Monotonic(), buffer.HasRoom, silent);
            metrics.Watch(watch);
            if (!options.Silence.Enabled) return;
            // A host that this run did not hear is silent since its start: what was before, the outage tells.
            foreach (var host in silent) queue.Add(new(host, EventKind.HostSilent, host.Received == 0 ? startedWall : host.Received, 0) { Usual = host.Usual });
        });
    }

    private void TellRewind(Rewind rewind) => pipeline.WithWatch(watch =>
    {
        foreach (var host in watch.Hosts.Where(host => host.Partition == rewind.Partition)) queue.Add(new(host, EventKind.HistoryRewound, rewind.From, rewind.To));
    });

    /// <summary>What the counters say since the last time, and the record for the next run.</summary>
    private void Count(CancellationToken stoppingToken)
    {
        countedAt = time.GetTimestamp();
        var now = UnixMicroseconds.Now(time);
        var (dropped, oldest) = (spool.Counts.DroppedFull + spool.Counts.DroppedAge + spool.Counts.DroppedCorrupt, now - (long)spool.Status.OldestAge.TotalMicroseconds);
        socketDrops.Count(run.Listeners.Sum(listener => listener.Drops.Read()), countedWall, now);
        spoolDropped.Count(dropped, Math.Min(countedWall, oldest), now);
        countedWall = now;
        pipeline.WithWatch(watch =>
        {
            TellShared(socketDrops, [.. watch.Hosts.Where(host => host.Trust == TrustLevel.Udp && !host.IsAcknowledged)]);
            TellShared(spoolDropped, [.. watch.Hosts]);
            foreach (var host in watch.Hosts.Where(host => host.Lost > 0)) TellLost(host);
        });
        queue.Flush();
        if (!record!.IsRead || !queue.IsEmpty || !storing.IsCompleted) return;
        record.Mark(now);
        storing = StoreAsync(stoppingToken);
    }

    private void TellShared(SharedLoss loss, IReadOnlyList<WatchedHost> hosts)
    {
        if (!loss.TryTake(time, out var lines)) return;
        foreach (var host in hosts) queue.Add(new(host, EventKind.LinesLost, loss.From, loss.To) { Reason = loss.Reason, Count = hosts.Count == 1 ? lines : 0 });
    }

    private void TellLost(WatchedHost host)
    {
        queue.Add(new(host, EventKind.LinesLost, host.LostFrom, host.LostTo) { Reason = LossReasons.BufferFull, Count = host.Lost });
        host.Lost = 0;
    }

    private async Task StoreAsync(CancellationToken stoppingToken)
    {
        List<CollectorHost> changed = [];
        List<WatchedHost> forgotten = [];
        pipeline.WithWatch(watch =>
        {
            forgotten = watch.Forget(Monotonic());
            changed = RunRecord.Changed(watch.Hosts);
        });
        if (await record!.TryWriteAsync(changed, forgotten, stoppingToken)) return;
        pipeline.WithWatch(watch =>
        {
            foreach (var host in watch.Hosts) host.Stored = default;
        });
    }

    private long Monotonic() => (long)time.GetElapsedTime(0).TotalMicroseconds;
}
