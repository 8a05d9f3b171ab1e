using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using Xunit;

namespace WgMonitor.Deployment.Tests.Prometheus;

/// <summary>Alerts about the monitor itself: made of series that exist, each with a page that says what to do.</summary>
public sealed partial class AlertRuleTests
{
    private static readonly JsonArray Rules = Yaml.Document(Repository.Read("deploy/prometheus/wgmonitor.rules.yml"))["groups"]![0]!["rules"]!.AsArray();

    public static TheoryData<string> Alerts => [.. Rules.Select(rule => (string)rule!["alert"]!)];

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_is_made_of_documented_series(string alert)
    {
        var expression = (string)Rule(alert)["expr"]!;
        var documented = Repository.Read("docs/metrics.md");
        var series = Series().Matches(expression).Select(match => match.Value).ToList();

        Assert.True(series.Count > 0 || expression.Contains("up{", StringComparison.Ordinal), expression);
        Assert.All(series, name => Assert.Contains($"| `{name}` |", documented));
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_says_what_is_wrong_how_bad_it_is_and_where_to_read_on(string alert)
    {
        var rule = Rule(alert);

        Assert.Contains((string)rule["labels"]!["severity"]!, (string[])["critical", "warning", "info"]);
        Assert.NotEmpty((string)rule["annotations"]!["summary"]!);
        Assert.Equal($"docs/runbook.md#{alert.ToLowerInvariant()}", (string)rule["annotations"]!["runbook_url"]!);
    }

    [Fact]
    public void The_runbook_has_a_section_for_every_alert_and_no_other() =>
        Assert.Equal(Rules.Select(rule => (string)rule!["alert"]!), Section().Matches(Repository.Read("docs/runbook.md")).Select(match => match.Groups[1].Value));

    private static JsonNode Rule(string alert) => Rules.Single(rule => (string)rule!["alert"]! == alert)!;

    [GeneratedRegex("wgmonitor_[a-z_]+")]
    private static partial Regex Series();

    [GeneratedRegex(@"^## (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
