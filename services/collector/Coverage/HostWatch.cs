using WgMonitor.Collector.Trust;
using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>
/// When each host was heard, and how often it usually is. A line only leaves a mark; the looks, one a second, measure. All times of measuring are the monotonic
/// clock's, so that a wall clock that is set makes nobody silent.
/// </summary>
/// <remarks>
/// The usual time is a mean that forgets: lines come in groups (a handshake is five), so a look with lines counts as one, and looks in a row as one group.
/// Pure: time is an argument. Not thread-safe. Nothing is allocated a line of a known host.
/// </remarks>
/// <param name="hostsMax">Hosts watched; further ones are not.</param>
/// <param name="usualIntervals">A host is silent after so many times its usual interval,</param>
/// <param name="afterMin">but not before that, microseconds.</param>
/// <param name="tick">Time between two looks, microseconds.</param>
internal sealed class HostWatch(int hostsMax, int usualIntervals, long afterMin, long tick)
{
    /// <summary>Looks with lines before anything is usual: a tunnel that is set up and never used is no silent host.</summary>
    public const int LooksMin = 8;

    // The weight of one interval in the mean: old habits go within a few dozen.
    private const int Weight = 8;

    // A look that comes so much too late shows that this process stood still, not that nobody spoke.
    private const int TicksLateMax = 4;

    /// <summary>Hosts that nobody heard of for so long are forgotten.</summary>
    private const long Kept = 7L * 24 * 3600 * 1_000_000;

    private readonly IdentityHash hash = new();
    private readonly Dictionary<ulong, WatchedHost> hosts = [];
    private WatchedHost? last;
    private long? lookedAt;

    public IReadOnlyCollection<WatchedHost> Hosts => hosts.Values;

    public int SilentCount { get; private set; }

    /// <summary>A line of the host became an event.</summary>
    public void Heard(scoped in EventFields e, int partition, bool isAcknowledged)
    {
        if (Find(e.Host, partition) is not { } host) return;
        host.HeardSinceLook = true;
        host.Received = e.Received;
        host.Trust = e.Trust;
        host.IsAcknowledged = isAcknowledged;
    }

    /// <summary>A line of the host was dropped for want of room. It spoke all the same.</summary>
    public void Lost(scoped in EventFields e, int partition)
    {
        if (Find(e.Host, partition) is not { } host) return;
        host.HeardSinceLook = true;
        if (host.Lost++ == 0) host.LostFrom = host.Received == 0 ? e.Received : Math.Min(host.Received, e.Received);
        host.LostTo = e.Received;
    }

    /// <summary>What a run before knew of the host.</summary>
    public void Restore(in ReadModel.CollectorHost known, ReadOnlySpan<byte> name, int partition, long now)
    {
        if (Find(name, partition) is not { } host) return;
        if (host.Looks < LooksMin) (host.Usual, host.Looks) = (known.Usual, known.IsLearned ? LooksMin : host.Looks);
        if (host.Received == 0 && !host.HeardSinceLook)
        {
            (host.IsSilent, host.Trust, host.IsAcknowledged) = (known.IsSilent, (TrustLevel)known.Trust, known.IsAcknowledged);
            if (known.IsSilent) SilentCount++;
        }
        if (host.HeardAt == 0) host.HeardAt = now;
        host.Stored = known;
    }

    /// <summary>Looks who was heard, and who was not for too long.</summary>
    /// <param name="now">Monotonic, microseconds.</param>
    /// <param name="mayHear">False while nothing is taken from senders, so that nobody can be heard.</param>
    /// <param name="silent">Gets the hosts that are silent now and were not before.</param>
    public void Look(long now, bool mayHear, List<WatchedHost> silent)
    {
        var elapsed = now - (lookedAt ?? now);
        lookedAt = now;
        var paused = !mayHear ? elapsed : elapsed > TicksLateMax * tick ? elapsed - tick : 0;
        foreach (var host in hosts.Values)
        {
            if (host.HeardAt != 0) host.HeardAt += paused;
            if (host.HeardSinceLook) Learn(host, now);
            else if (!host.IsSilent && host.Looks >= LooksMin && now - host.HeardAt > Threshold(host))
            {
                host.IsSilent = true;
                SilentCount++;
                silent.Add(host);
            }
        }
    }

    /// <summary>Forgets who was not heard for a week, and says whom.</summary>
    public List<WatchedHost> Forget(long now)
    {
        var forgotten = hosts.Where(entry => entry.Value.HeardAt != 0 && now - entry.Value.HeardAt > Kept).ToList();
        foreach (var (key, host) in forgotten)
        {
            if (host.IsSilent) SilentCount--;
            hosts.Remove(key);
        }
        if (forgotten.Count > 0) last = null;
        return forgotten.ConvertAll(entry => entry.Value);
    }

    private long Threshold(WatchedHost host) => Math.Max(usualIntervals * host.Usual, afterMin);

    private void Learn(WatchedHost host, long now)
    {
        var interval = now - host.HeardAt;
        // Two looks in a row are one group.
        if (host.HeardAt != 0 && interval > tick + tick / 2)
        {
            // The first ones are the mean as they are. Later a silence is no habit yet: it counts no more than what is not yet one.
            host.Usual += host.Looks < LooksMin ? (interval - host.Usual) / Math.Max(1, host.Looks) : (Math.Min(interval, Threshold(host)) - host.Usual) / Weight;
        }
        if (host.Looks < LooksMin) host.Looks++;
        if (host.IsSilent) SilentCount--;
        (host.HeardAt, host.HeardSinceLook, host.IsSilent) = (now, false, false);
    }

    private WatchedHost? Find(ReadOnlySpan<byte> name, int partition)
    {
        // Lines of a host come together.
        if (last is not null && name.SequenceEqual(last.Name)) return last;
        var key = hash.Of(name);
        if (hosts.TryGetValue(key, out var known)) return last = known;
        if (hosts.Count >= hostsMax) return null;
        last = new(name.ToArray(), partition);
        hosts.Add(key, last);
        return last;
    }
}
