using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>Does what has to be done before old entries of a partition may go.</summary>
/// <param name="partition">0 to partitions - 1.</param>
/// <param name="log">What it holds.</param>
/// <param name="cut">What of it may go; called with <see cref="RetentionCut.IsNone"/> too.</param>
/// <param name="cancellationToken">The process stops.</param>
public delegate Task BeforeTrim(int partition, LogExtent log, RetentionCut cut, CancellationToken cancellationToken);

/// <summary>Who holds entries back.</summary>
/// <param name="Readers">Groups that apply entries as they come.</param>
/// <param name="Keepers">Groups that make something of entries before they go, by <see cref="BeforeTrim"/>: at the ceiling they are waited for a while.</param>
public sealed record TrimGroups(IReadOnlyList<string> Readers, IReadOnlyList<string> Keepers)
{
    /// <summary>Readers, then keepers.</summary>
    public IReadOnlyList<string> All { get; } = [.. Readers, .. Keepers];
}

/// <summary>
/// Keeps the partitions near the limits of <see cref="StreamOptions"/> (number, memory, age), and does not remove what a group has not applied: while one
/// of them has no checkpoint, or stands still, nothing goes, up to the ceiling. Any number of processes may run it.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="keys">Names of the keys.</param>
/// <param name="groups">The registered groups; those that are not listed do not hold entries back.</param>
/// <param name="beforeTrim">Called before each trim of a partition; null for nothing to do.</param>
/// <param name="options">Limits and interval.</param>
/// <param name="metrics">Counts what went.</param>
/// <param name="time">Paces the rounds.</param>
/// <param name="logger">Log lines 5000 to 5099.</param>
public sealed class StreamTrimmer(
    IConnectionMultiplexer redis, StreamKeys keys, TrimGroups groups, BeforeTrim? beforeTrim, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time,
    ILogger<StreamTrimmer> logger)
{
    /// <summary>Removed by one call: a few milliseconds of Redis.</summary>
    private const int CeilingStep = 1_000;

    private readonly WeatherReport report = new("trim", metrics, logger, time);
    private readonly LogExtentReader extents = new(redis, keys);
    private readonly Dictionary<int, (RetentionClock Clock, AgeSuspension Told)> clocks = [];

    /// <summary>Trims all partitions, then waits <see cref="StreamOptions.TrimInterval"/>, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        foreach (var group in groups.All) metrics.Show(group);
        while (!stopping.IsCancellationRequested)
        {
            for (var partition = 0; partition < options.Value.Partitions && !stopping.IsCancellationRequested; partition++)
            {
                try
                {
                    await TrimAsync(partition, stopping).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stopping.IsCancellationRequested)
                {
                    return;
                }
                catch (PartitionClaimException exception)
                {
                    // Somebody else works there now, or Redis did not take it; the next round sees what is stored.
                    report.Weather("claim_lost", "trim", partition, exception);
                }
                catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
                {
                    report.Weather(weather.Reason, "trim", partition, exception);
                    break;
                }
            }

            await time.PauseAsync(options.Value.TrimInterval, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Trims one partition once; returns how many entries went.</summary>
    public async Task<long> TrimAsync(int partition, CancellationToken cancellationToken)
    {
        if (groups.All.Count == 0) return 0;
        var log = await extents.ReadAsync(partition, options.Value.RetentionBytesMax > 0, cancellationToken).ConfigureAwait(false);
        var cut = RetentionCut.Of(options.Value, log, byAge: JudgeAge(partition, log));
        if (beforeTrim is not null) await beforeTrim(partition, log, cut, cancellationToken).ConfigureAwait(false);
        if (cut.IsNone) return 0;
        var removed = await RemoveAppliedAsync(partition, cut).ConfigureAwait(false);
        if (cut.OverCeiling > 0) removed += await RemoveOverCeilingAsync(partition, cancellationToken).ConfigureAwait(false);
        if (removed > 0)
        {
            StreamLog.Trimmed(logger, partition, removed);
            metrics.Trimmed(removed);
        }

        return removed;
    }

    private bool JudgeAge(int partition, in LogExtent log)
    {
        if (options.Value.RetentionAge == TimeSpan.Zero) return false;
        if (!clocks.TryGetValue(partition, out var clock)) clock = (new RetentionClock(time), AgeSuspension.None);
        var suspension = clock.Clock.Judge(log);
        if (suspension != clock.Told)
        {
            if (suspension == AgeSuspension.None) StreamLog.AgeTrimmedAgain(logger, partition);
            else StreamLog.AgeSuspended(logger, partition, suspension, log.Last, new StreamId(log.Now, 0));
        }
        clocks[partition] = clock with { Told = suspension };
        metrics.AgeSuspended(clocks.Values.Count(known => known.Told != AgeSuspension.None));
        return suspension == AgeSuspension.None;
    }

    private async Task<long> RemoveAppliedAsync(int partition, RetentionCut cut)
    {
        RedisValue[] values = [cut.EntriesMax == long.MaxValue ? -1 : cut.EntriesMax, cut.OlderThan == StreamId.Zero ? "" : cut.OlderThan.ToString()];
        return (long)await RedisScript.Trim.EvaluateAsync(redis.GetDatabase(), [keys.Events(partition), .. Checkpoints(partition)], values).ConfigureAwait(false);
    }

    private async Task<long> RemoveOverCeilingAsync(int partition, CancellationToken cancellationToken)
    {
        var ceiling = options.Value.CeilingEntriesMax;
        // A keeper that cannot go on, because a rebuild holds it or its disk is full, is waited for up to half as much again.
        RedisValue[] values = [ceiling, ceiling + ceiling / 2, CeilingStep, groups.Readers.Count, .. groups.All.Select(group => (RedisValue)group)];
        long removed = 0;
        var lost = new long[groups.All.Count];
        while (!cancellationToken.IsCancellationRequested)
        {
            var reply = (long[])(await RedisScript.Ceiling.EvaluateAsync(
                redis.GetDatabase(), [keys.Events(partition), keys.Lost(partition), .. Checkpoints(partition)], values).ConfigureAwait(false))!;
            if (reply[0] == 0) break;
            removed += reply[0];
            for (var group = 0; group < lost.Length; group++) lost[group] += reply[group + 1];
        }
        for (var group = 0; group < lost.Length; group++)
        {
            if (lost[group] == 0) continue;
            metrics.LostByRetention(groups.All[group], lost[group]);
            StreamLog.LostAtCeiling(logger, lost[group], partition, ceiling, groups.All[group]);
        }
        return removed;
    }

    private IEnumerable<RedisKey> Checkpoints(int partition) => groups.All.Select(group => (RedisKey)keys.Checkpoint(partition, group));
}
