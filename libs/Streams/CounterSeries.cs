using Prometheus;

namespace WgMonitor.Streams;

/// <summary>Series of a counter that are there before they count: an alert sees an increase only from a value that was scraped before.</summary>
public static class CounterSeries
{
    /// <summary>Shows a series for each value of the counter's last label at 0; the others before it are given.</summary>
    public static Counter ShownAtZero(this Counter counter, IEnumerable<string> values, params IReadOnlyList<string> labels)
    {
        foreach (var value in values) counter.WithLabels([.. labels, value]).Inc(0);
        return counter;
    }
}
