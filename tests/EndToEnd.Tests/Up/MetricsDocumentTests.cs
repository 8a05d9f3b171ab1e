using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Up;

/// <summary>docs/metrics.md lists what a running product serves, word for word.</summary>
public sealed partial class MetricsDocumentTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task Every_series_is_documented_and_every_documented_one_exists()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        var scrape = await Http.GetStringAsync(new Uri(up.Health, "/metrics"));
        var types = TypeLine().Matches(scrape).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var served = HelpLine().Matches(scrape).Select(match => $"| `{match.Groups[1].Value}` | {types[match.Groups[1].Value]} | {match.Groups[2].Value} |");

        var documented = File.ReadLines(Path.Combine(Corpus.PackedFolder, "../../docs/metrics.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));

        Assert.Equal(served.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_counter_whose_increase_raises_an_alert_is_there_before_it_counts()
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        var rules = File.ReadAllText(Path.Combine(Corpus.PackedFolder, "../../deploy/prometheus/wgmonitor.rules.yml"));
        var counters = Increase().Matches(rules).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(counters);

        // The first count of a series that was not there is no increase to Prometheus.
        foreach (var counter in counters)
        {
            await Wait.Until(
                async () => (await Http.GetStringAsync(new Uri(up.Health, "/metrics"))).Split('\n').Any(line => line.StartsWith($"{counter} ", StringComparison.Ordinal) || line.StartsWith($"{counter}{{", StringComparison.Ordinal)),
                $"{counter} is served");
        }
    }

    [GeneratedRegex(@"\b(?:increase|rate)\((\w+)\[")]
    private static partial Regex Increase();

    [GeneratedRegex(@"^# HELP ((?:wgmonitor|wg|wireguard)_\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
