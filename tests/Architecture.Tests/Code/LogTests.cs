using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Xunit;

namespace WgMonitor.Architecture.Tests.Code;

/// <summary>An event id in a log means one thing in the whole product.</summary>
public sealed partial class LogTests
{
    private static readonly (MethodInfo Method, LoggerMessageAttribute Message)[] Messages =
    [
        .. ProductAssemblies.Types
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method, method.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Where(pair => pair.Item2 is not null),
    ];

    [Fact]
    public void Event_ids_are_unique()
    {
        var twice = Messages.GroupBy(pair => pair.Message.EventId).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(pair => $"{pair.Method.DeclaringType}.{pair.Method.Name}"))}");

        Assert.NotEmpty(Messages);
        Assert.Empty(twice);
    }

    [Fact]
    public void Event_ids_are_given() => Assert.DoesNotContain(Messages, pair => pair.Message.EventId <= 0);

    [Fact]
    public void Every_warning_stands_in_the_runbook_with_what_to_do_and_nothing_else_does()
    {
        // A level that the caller chooses may be a warning, too.
        var warnings = Messages.Where(pair => pair.Message.Level >= LogLevel.Warning).Select(pair => $"| {pair.Message.EventId} | {pair.Message.Message}");
        var rows = LogRow().Matches(Repository.Read("docs/runbook.md"));

        Assert.Equal(warnings.Order(StringComparer.Ordinal), rows.Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.InRange(row.Groups[2].Length, 20, 300));
    }

    [GeneratedRegex(@"^(\| \d+ \| .*) \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex LogRow();

    [Fact]
    public void Messages_are_sentences()
    {
        var bare = Messages.Where(pair => !char.IsUpper(pair.Message.Message[0]) && pair.Message.Message[0] != '{' && !pair.Message.Message.StartsWith("redis-server", StringComparison.Ordinal));

        Assert.Empty(bare.Select(pair => pair.Message.Message));
    }
}
