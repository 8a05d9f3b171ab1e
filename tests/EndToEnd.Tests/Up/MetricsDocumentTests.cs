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

    [GeneratedRegex(@"^# HELP ((?:wgmonitor|wg|wireguard)_\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
