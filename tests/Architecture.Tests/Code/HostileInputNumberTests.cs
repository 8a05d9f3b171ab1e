using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Architecture.Tests.Code;

/// <summary>
/// Malformed and hostile inputs are numbered, 1 to 123. Each stands with its number in the tests of the layer that it is meant for: framing, header,
/// payload and limits in the collector's, state in the peers', names further down in the notifier's and the API's.
/// </summary>
public sealed partial class HostileInputNumberTests
{
    private const int Last = 123;

    [Fact]
    public void Every_number_has_a_test()
    {
        var found = Repository.Files("*.cs").Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && Path.GetFileNameWithoutExtension(path) != nameof(HostileInputNumberTests))
            .SelectMany(path => Number().Matches(Repository.Read(path))).Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToHashSet();

        var missing = Enumerable.Range(1, Last).Where(number => !found.Contains(number));
        Assert.Empty(missing.Select(number => $"H{number}"));
    }

    /// <summary>In the name of a case (<c>"H36 empty datagram"</c>) or of a test (<c>H37_a_datagram…</c>), or in the words above one.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9])H(\d{1,3})(?=[ _:.])")]
    private static partial Regex Number();
}
