using System.Reflection;
using Prometheus;

namespace WgMonitor.Hosting;

/// <summary>Which version of the product runs; all programs of one build have the same.</summary>
public static class ProductVersion
{
    /// <summary>Version of this program, e.g. <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>A series that is always 1, so that a sum by its label counts processes.</summary>
    internal static void Register(MetricFactory metrics) =>
        metrics.CreateGauge("wgmonitor_build_info", "1 for the version that this process is. Two versions for longer than an upgrade takes: one service was forgotten.", ["version"]).WithLabels(Text).Set(1);
}
