using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>Something known of missing lines of a host, on its way to the log; which members count is decided by <see cref="Kind"/>.</summary>
/// <param name="Host">The host as it was known when that was noticed.</param>
/// <param name="Kind">A kind of <see cref="CoverageEvent"/>.</param>
/// <param name="From">Begin of the interval, Unix microseconds.</param>
/// <param name="To">Its end.</param>
internal readonly record struct CoverageFact(WatchedHost Host, EventKind Kind, long From, long To)
{
    /// <summary>One of <see cref="LossReasons"/>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Lines; 0 for not known.</summary>
    public long Count { get; init; }

    /// <summary>Usual interval, microseconds.</summary>
    public long Usual { get; init; }

    /// <summary>Of the host's last line.</summary>
    public TrustLevel Trust { get; init; } = Host.Trust;
}
