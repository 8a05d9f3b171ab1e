using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// Turns kernel stamps into wall time. A header's time is when the syslog daemon read the line, seconds late on a busy host (10 s recorded);
/// the stamp is when the kernel printed it. The smallest distance seen lately between the two is the boot instant.
/// Two windows of a minute, so that a corrected host clock and a drifting one are followed.
/// </summary>
/// <param name="WindowFrom">Stamp with which the running window began.</param>
/// <param name="Current">Smallest distance in the running window.</param>
/// <param name="Previous">Smallest distance in the window before.</param>
/// <param name="Known">False until a line with a stamp was seen.</param>
public readonly record struct KernelClock(long WindowFrom, long Current, long Previous, bool Known)
{
    private const long Window = 60 * Microseconds.Second;
    private const long StepMax = 3600 * Microseconds.Second;

    /// <summary>When the host booted, Unix microseconds.</summary>
    public long BootAt => Math.Min(Current, Previous);

    internal KernelClock With(in EventHeader header)
    {
        if (header.Uptime is not { } uptime) return this;
        var boot = header.At - uptime;
        if (!Known || Math.Abs(boot - BootAt) > StepMax) return new(uptime, boot, boot, true);
        if (uptime - WindowFrom >= Window) return new(uptime, boot, Current, true);
        return boot < Current ? this with { Current = boot } : this;
    }

    internal long TimeOf(in EventHeader header) => header.Uptime is { } uptime && Known ? uptime + BootAt : header.At;
}
