using System.Text;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;
using StreamEntry = WgMonitor.Streams.StreamEntry;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// Read this first. Writes the history points of a partition: fold the next <see cref="HistoryOptions.EveryEntries"/> entries of the log over the newest point,
/// write what differs as the next one, move the checkpoint, all by one fenced script. A fold of its own: it takes no part in projecting, is the same whatever
/// generation of the state is live, and is resumed by whoever claims the partition next.
/// </summary>
/// <param name="redis">Connection.</param>
/// <param name="keys">Names of the log's keys.</param>
/// <param name="claims">Who may write.</param>
/// <param name="log">The entries.</param>
/// <param name="options">How often.</param>
/// <param name="state">Bounds of the fold, the same as the projector's.</param>
/// <remarks>Not thread-safe.</remarks>
public sealed class HistoryWriter(IConnectionMultiplexer redis, StreamKeys keys, PartitionClaims claims, LogReader log, HistoryOptions options, StateOptions state)
{
    /// <summary>Differences in a row; then a whole point is written, however small they are, so that few have to be read for a moment.</summary>
    private const int DeltasMax = 64;

    /// <summary>Hosts held in memory from one point to the next.</summary>
    private const int HeldMax = 1_000;

    private const int FieldsAtOnce = 500;

    private readonly HistoryKeys historyKeys = new(keys);
    private readonly PointReader reader = new(redis, new HistoryKeys(keys));
    private readonly LogHistory entries = new(log);
    private readonly PassedEntries passed = new(redis, keys, ConsumerGroups.Projector);
    private readonly Dictionary<int, (long Seen, long Due)> due = [];
    private readonly Dictionary<int, (StreamId At, IReadOnlyCollection<HostState> Hosts)> held = [];

    /// <summary>Writes the points that are due in a partition; returns how many.</summary>
    /// <exception cref="PartitionClaimException">Redis refused a write; the next call goes on from what is stored.</exception>
    public async Task<int> AdvanceAsync(int partition, CancellationToken cancellationToken)
    {
        if (options.EveryEntries == 0) return 0;
        var appended = await AppendedAsync(partition, cancellationToken);
        if (due.TryGetValue(partition, out var at) && appended >= at.Seen && appended < at.Due) return 0;
        await using var claim = await claims.TryClaimAsync(partition, ConsumerGroups.History);
        if (claim is null) return 0;
        var points = (await reader.ReadPointsAsync(partition, cancellationToken)).ToList();
        if (await MustRestartAsync(claim, points, cancellationToken) && !await RestartAsync(claim, points, cancellationToken)) return 0;
        var written = 0;
        while (true)
        {
            var next = await log.ReadForwardAsync(partition, claim.Checkpoint, StreamId.Max, options.EveryEntries, cancellationToken);
            if (next.Count < options.EveryEntries)
            {
                due[partition] = (appended, appended + options.EveryEntries - next.Count);
                return written;
            }
            await StepAsync(claim, points, next, cancellationToken);
            written++;
        }
    }

    /// <summary>Entries ever appended: how many more there must be before it is worth reading them.</summary>
    private async Task<long> AppendedAsync(int partition, CancellationToken cancellationToken)
    {
        if (!await redis.GetDatabase().KeyExistsAsync(keys.Events(partition), CommandFlags.DemandMaster).WaitAsync(cancellationToken)) return 0;
        var info = await redis.GetDatabase().ExecuteAsync("XINFO", ["STREAM", (RedisKey)keys.Events(partition)], CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        return (long)info.ToDictionary()["entries-added"];
    }

    /// <summary>The newest point is not where the checkpoint is (somebody deleted keys), or entries behind it may be trimmed already.</summary>
    private async Task<bool> MustRestartAsync(PartitionClaim claim, List<HistoryPoint> points, CancellationToken cancellationToken)
    {
        var newest = points.Count == 0 ? StreamId.Zero : points[^1].Id;
        if (newest != claim.Checkpoint) return true;
        return !(await entries.ReadKeptAsync(claim.Partition, cancellationToken)).IsWholeAfter(newest);
    }

    /// <summary>
    /// Begins with what stands for the trimmed part of the log: the base snapshot, held meanwhile. False while somebody else works with that. Where there is
    /// none, what was trimmed is missing, and every point from here on says so.
    /// </summary>
    private async Task<bool> RestartAsync(PartitionClaim claim, List<HistoryPoint> points, CancellationToken cancellationToken)
    {
        held.Remove(claim.Partition);
        await using var snapshot = await claims.TryClaimAsync(claim.Partition, ConsumerGroups.Base);
        if (snapshot is null) return false;
        var kept = await entries.ReadKeptAsync(claim.Partition, cancellationToken);
        if (kept.IsWhole)
        {
            await DropAsync(claim, points, points.Count, StreamId.Zero, cancellationToken);
            return true;
        }
        if (kept.WholeSince == StreamId.Max) return false;
        var complete = kept.IsWholeAfter(snapshot.Checkpoint) && snapshot.Checkpoint != StreamId.Zero;
        var at = complete ? snapshot.Checkpoint : kept.WholeSince.Previous();
        var records = new List<HostRecord>();
        var view = StateKeys.Base(keys);
        var stored = new HostStateReader(redis, view);
        foreach (var host in complete ? (await stored.ReadHostNamesAsync(claim.Partition, cancellationToken)).Order(Comparer<string>.Create(PointFields.CompareHosts)) : Enumerable.Empty<string>())
            records.Add(HostRecord.Full(await stored.ReadAsync(claim.Partition, host, cancellationToken)));
        var fields = PointFields.OfState(records, out var bytes);
        var point = new HistoryPoint(points.Count == 0 ? 1 : points[^1].Number + 1, at, at, true, complete, bytes);
        var batch = claim.NewBatch();
        Write(batch, claim.Partition, point, [.. fields, PointFields.OfRecords([]), PointFields.OfEntries(new EntryIndex(at))]);
        // Whatever was there before does not reach up to it.
        Delete(batch, claim.Partition, points);
        await claim.SetCheckpointAsync(batch, at, cancellationToken);
        points.Clear();
        points.Add(point);
        return true;
    }

    private async Task DropAsync(PartitionClaim claim, List<HistoryPoint> points, int count, StreamId checkpoint, CancellationToken cancellationToken)
    {
        var batch = claim.NewBatch();
        Delete(batch, claim.Partition, points.Take(count));
        await claim.SetCheckpointAsync(batch, checkpoint, cancellationToken);
        points.RemoveRange(0, count);
    }

    private async Task StepAsync(PartitionClaim claim, List<HistoryPoint> points, List<StreamEntry> next, CancellationToken cancellationToken)
    {
        var start = points.Count == 0
            ? PointState.Beginning(reader, claim.Partition)
            : await reader.OpenAsync(claim.Partition, points, points.Count - 1, cancellationToken)
                ?? throw new InvalidDataException($"History points of partition {claim.Partition} are broken; delete {historyKeys.Points(claim.Partition)} to begin anew.");
        var fold = new PointFold(start, state);
        if (held.TryGetValue(claim.Partition, out var memory) && memory.At == start.Point.Id)
        {
            foreach (var host in memory.Hosts) fold.States.Hold(host);
        }
        var index = new EntryIndex(claim.Checkpoint);
        foreach (var entry in next) index.Add(entry);
        foreach (var entry in await passed.LeaveOutAsync(claim.Partition, next, cancellationToken)) await fold.ApplyAsync(entry, cancellationToken);
        var full = IsFullDue(points);
        var hosts = full ? await AllAsync(start, fold.States, cancellationToken) : fold.States.Changed.Values.OrderBy(host => host.Host, Comparer<string>.Create(PointFields.CompareHosts)).Select(HostRecord.Delta);
        var fields = PointFields.OfState(hosts, out var bytes);
        var point = new HistoryPoint(start.Point.Number + 1, next[^1].Id, start.Point.Id, full, start.Point.IsComplete, bytes);
        var batch = claim.NewBatch();
        Write(batch, claim.Partition, point, [.. fields, PointFields.OfRecords(fold.Collected.Records), PointFields.OfEntries(index)]);
        var outlived = await CountOutlivedAsync(claim.Partition, points, cancellationToken);
        Delete(batch, claim.Partition, points.Take(outlived));
        await claim.ApplyAsync(batch, next, cancellationToken);
        points.RemoveRange(0, outlived);
        points.Add(point);
        held[claim.Partition] = (point.Id, [.. fold.States.Changed.Values.Take(HeldMax).Select(host => host with { Changed = [] })]);
    }

    /// <summary>A whole point when the differences since the last one have come to as much: what is written is at most twice the differences, what is read twice the state.</summary>
    private static bool IsFullDue(List<HistoryPoint> points)
    {
        long bytes = 0;
        for (var i = points.Count - 1; i >= 0; i--)
        {
            if (points[i].IsFull) return bytes >= points[i].StateBytes || points.Count - 1 - i >= DeltasMax;
            bytes += points[i].StateBytes;
        }
        return true;
    }

    private static async Task<List<HostRecord>> AllAsync(PointState start, WindowStates states, CancellationToken cancellationToken)
    {
        var all = new List<HostRecord>();
        foreach (var host in start.Hosts.Union(states.Changed.Keys).Order(Comparer<string>.Create(PointFields.CompareHosts)))
        {
            var now = states.Changed.GetValueOrDefault(host) ?? await start.ReadAsync(host, cancellationToken);
            if (now is not null) all.Add(HostRecord.Full(now));
        }
        return all;
    }

    /// <summary>
    /// Points that no moment can be told from any more, or that have been kept long enough for those who have the entries elsewhere: those before the whole point
    /// that the oldest one to be kept rests on.
    /// </summary>
    private async Task<int> CountOutlivedAsync(int partition, List<HistoryPoint> points, CancellationToken cancellationToken)
    {
        var kept = await entries.ReadKeptAsync(partition, cancellationToken);
        // By the newest entry and not by a clock: what nobody adds to does not get old.
        var keptSince = points.Count == 0 ? 0 : points[^1].Id.Milliseconds - (long)options.Keep.TotalMilliseconds;
        var usable = points.FindIndex(point => kept.IsWholeAfter(point.Id) || options.Keep > TimeSpan.Zero && point.Id.Milliseconds >= keptSince);
        return usable <= 0 ? 0 : Math.Max(0, points.FindLastIndex(usable, point => point.IsFull));
    }

    private void Write(FencedBatch batch, int partition, HistoryPoint point, EventField[] fields)
    {
        var key = historyKeys.Point(partition, point.Id.ToString());
        batch.DeleteKey(key);
        foreach (var some in fields.Chunk(FieldsAtOnce)) batch.SetHash(key, some);
        batch.AddToSortedSet(historyKeys.Points(partition), Encoding.ASCII.GetBytes(point.ToString()), point.Number);
    }

    private void Delete(FencedBatch batch, int partition, IEnumerable<HistoryPoint> points)
    {
        foreach (var point in points)
        {
            batch.RemoveFromSortedSet(historyKeys.Points(partition), Encoding.ASCII.GetBytes(point.ToString()));
            batch.DeleteKey(historyKeys.Point(partition, point.Id.ToString()));
        }
    }
}
