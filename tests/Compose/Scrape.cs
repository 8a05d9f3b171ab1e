using System.Globalization;
using System.Text.RegularExpressions;

namespace WgMonitor.Compose;

/// <summary>What the program in a container serves at <c>/metrics</c>, asked at the container's own address.</summary>
internal static partial class Scrape
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Of the running process, not of its image; empty where it does not say.</summary>
    public static async Task<string> VersionAsync(string container) => BuildInfo().Match(await OfAsync(container)).Groups[1].Value;

    /// <summary>Events that stand in the spool of a collector and not in Redis.</summary>
    public static async Task<double> WaitingEventsAsync(string collector) =>
        double.Parse(Waiting().Match(await OfAsync(collector)).Groups[1].Value, CultureInfo.InvariantCulture);

    private static async Task<string> OfAsync(string container)
    {
        var networks = (await Docker.InspectAsync(container)).GetProperty("NetworkSettings").GetProperty("Networks").EnumerateObject();
        return await Http.GetStringAsync(new Uri($"http://{networks.First().Value.GetProperty("IPAddress").GetString()}:9998/metrics"));
    }

    [GeneratedRegex("""^wgmonitor_build_info\{version="([^"]*)"\} 1$""", RegexOptions.Multiline)]
    private static partial Regex BuildInfo();

    [GeneratedRegex(@"^wgmonitor_collector_spool_waiting_events (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Waiting();
}
