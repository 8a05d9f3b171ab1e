using System.ComponentModel.DataAnnotations;
using WgMonitor.Hosting;

namespace WgMonitor.Collector;

/// <summary><c>[collector.silence]</c>: when a host that sends no line any more is told to be silent.</summary>
public sealed class SilenceOptions
{
    /// <summary>False tells of no silent host. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many times as long as usual a host is without a line. Default 3, 2 to 100. What is usual is learned from its lines.</summary>
    [Range(2, 100)]
    public int UsualIntervals { get; set; } = 3;

    /// <summary>
    /// And at least so long. Default 5 min, 500 ms to 30 days. A tunnel in use prints lines every two minutes, one without traffic none: raise it for hosts whose
    /// users sleep, or add a persistent keepalive.
    /// </summary>
    [DurationRange("500ms", "30d")]
    public TimeSpan AfterMin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two looks: lines of one interval are one group.</summary>
    internal TimeSpan Tick => TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerSecond, AfterMin.Ticks / 8));
}
