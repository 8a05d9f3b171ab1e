using System.Text;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Coverage;

/// <summary>
/// What this run leaves for the next: until when no line was lost, and whom it heard. The moment moves on only when all that was taken until then is safe, so
/// what a killed collector loses lies behind it.
/// </summary>
internal sealed class RunRecord(CollectorRunStore store, EventBuffer buffer, string name)
{
    private const long Kept = 7L * 24 * 3600 * 1_000_000;

    // Times of hosts are only to find out who is gone for a week.
    private const long ReceivedWithin = 600L * 1_000_000;

    private (long At, EventPosition[] Positions)? mark;
    private long wholeUntil;

    /// <summary>The record of the run before was read.</summary>
    public bool IsRead { get; private set; }

    /// <summary>What the run before left, or null while Redis does not say.</summary>
    public async Task<CollectorRunRecord?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var record = await store.ReadAsync(name, cancellationToken);
            (wholeUntil, IsRead) = (record.WholeUntil, true);
            return record;
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Hosts that were not heard for a week are left out.</summary>
    public static bool IsRecent(in CollectorHost host, long now) => now - host.ReceivedAt < Kept;

    /// <summary>All that was taken until <paramref name="now"/> is taken; once it is safe, the record says so.</summary>
    public void Mark(long now)
    {
        if (mark is { } before)
        {
            if (!buffer.AreDurable(before.Positions)) return;
            wholeUntil = before.At;
        }
        mark = (now, buffer.ReadPositions());
    }

    /// <summary>The run ended at <paramref name="at"/>; false when not all is safe.</summary>
    public bool TryEnd(long at)
    {
        if (!IsRead || !buffer.AreDurable(buffer.ReadPositions())) return false;
        wholeUntil = at;
        return true;
    }

    /// <summary>Those whose record is out of date.</summary>
    public static List<CollectorHost> Changed(IEnumerable<WatchedHost> hosts)
    {
        var changed = new List<CollectorHost>();
        foreach (var host in hosts)
        {
            var now = Of(host);
            if (!IsWorthWriting(host.Stored, now)) continue;
            host.Stored = now;
            changed.Add(now);
        }
        return changed;
    }

    /// <summary>Writes the record; when Redis is away, the next time writes all hosts anew.</summary>
    public async Task<bool> TryWriteAsync(IReadOnlyList<CollectorHost> changed, IReadOnlyList<WatchedHost> forgotten, CancellationToken cancellationToken)
    {
        try
        {
            await store.WriteAsync(name, wholeUntil, changed, [.. forgotten.Select(host => Encoding.ASCII.GetString(host.Name))], cancellationToken);
            return true;
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is OperationCanceledException)
        {
            return false;
        }
    }

    private static CollectorHost Of(WatchedHost host) => new(
        host.Stored.Host ?? Encoding.ASCII.GetString(host.Name), host.Received == 0 ? host.Stored.ReceivedAt : host.Received, host.Usual, host.Looks >= HostWatch.LooksMin, host.IsSilent,
        host.IsAcknowledged, (int)host.Trust);

    private static bool IsWorthWriting(in CollectorHost stored, in CollectorHost now) =>
        stored.Host is null || now.IsLearned != stored.IsLearned || now.IsSilent != stored.IsSilent || now.IsAcknowledged != stored.IsAcknowledged || now.Trust != stored.Trust
        || Math.Abs(now.ReceivedAt - stored.ReceivedAt) > ReceivedWithin || Math.Abs(now.Usual - stored.Usual) > stored.Usual / 4;
}
