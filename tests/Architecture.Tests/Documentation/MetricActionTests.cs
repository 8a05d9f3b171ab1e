using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary>
/// The help of a series says what it is, and then what to do. docs/metrics.md is the same word for word, which a running product shows elsewhere; here the series
/// that are registered in the code are found in it.
/// </summary>
public sealed partial class MetricActionTests
{
    private static readonly MatchCollection Rows = Row().Matches(Repository.Read("docs/metrics.md"));

    [Fact]
    public void Every_series_says_what_to_do_behind_what_it_is()
    {
        var silent = Rows.Where(row => !WhatAndWhatToDo().IsMatch(row.Groups[2].Value)).Select(row => row.Groups[1].Value);

        Assert.NotEmpty(Rows);
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_series_that_the_code_names_is_documented()
    {
        var documented = Rows.Select(row => row.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var missing = Repository.Files("*.cs").Where(path => path.StartsWith("libs/", StringComparison.Ordinal) || path.StartsWith("services/", StringComparison.Ordinal) || path.StartsWith("cli/", StringComparison.Ordinal))
            .SelectMany(path => Created().Matches(Repository.Read(path)).Select(match => match.Groups[1].Value))
            .Where(name => !documented.Contains(name)).Distinct().ToList();

        Assert.Empty(missing);
    }

    /// <summary>Two sentences at least; the dot inside a name ends none.</summary>
    [GeneratedRegex(@"^\S.+?\. [A-Z0-9'a-z].{10,}\.$")]
    private static partial Regex WhatAndWhatToDo();

    [GeneratedRegex(@"^\| `(\w+)` \| \w+ \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>Names that a service's name completes are seen in the running product only.</summary>
    [GeneratedRegex(@"Create(?:Counter|Gauge|Histogram|Summary)\(\s*""(\w+)""")]
    private static partial Regex Created();
}
