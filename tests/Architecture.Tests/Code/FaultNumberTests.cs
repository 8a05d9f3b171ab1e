using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Architecture.Tests.Code;

/// <summary><c>docs/faults.md</c> lists faults by number; each row names the tests that show what holds, and each of them exists.</summary>
public sealed partial class FaultNumberTests
{
    [Fact]
    public void Every_fault_names_tests_that_exist()
    {
        var sources = Repository.Files("*Tests.cs").Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), Repository.Read);
        var rows = Row().Matches(Repository.Read("docs/faults.md"));

        Assert.NotEmpty(rows);
        foreach (Match row in rows)
        {
            var tests = Test().Matches(row.Groups[2].Value);
            Assert.True(tests.Count > 0, $"F{row.Groups[1].Value} names no test");
            Assert.All(tests, test => Assert.Contains(sources[test.Groups[1].Value], source => Regex.IsMatch(source, $@"public (async Task|void|Task) {test.Groups[2].Value}\(")));
        }
    }

    [Fact]
    public void Faults_stand_in_order_and_each_once()
    {
        var numbers = Row().Matches(Repository.Read("docs/faults.md")).Select(row => int.Parse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(numbers.Distinct().Order(), numbers);
    }

    /// <summary>A test that carries a number in its name stands in the row of that number.</summary>
    [Fact]
    public void Every_test_with_a_number_stands_in_its_row()
    {
        var rows = Row().Matches(Repository.Read("docs/faults.md")).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);

        foreach (var path in Repository.Files("*Tests.cs").Where(path => path.StartsWith("tests/", StringComparison.Ordinal)))
        {
            foreach (Match test in Numbered().Matches(Repository.Read(path)))
            {
                foreach (var number in Number().Matches(test.Groups[1].Value).Select(match => match.Groups[1].Value))
                    Assert.Contains($"`{Path.GetFileNameWithoutExtension(path)}.{test.Groups[1].Value}`", rows.GetValueOrDefault(number) ?? "", StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex(@"^\| F(\d+) \|(.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"public (?:async Task|void|Task) (F\d+_\w+)\(")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"(?<=^|_)F(\d+)(?=_)")]
    private static partial Regex Number();
}
