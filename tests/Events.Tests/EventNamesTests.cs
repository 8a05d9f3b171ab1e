using System.Text;
using Xunit;

namespace WgMonitor.Events.Tests;

public class EventNamesTests
{
    private static readonly string GoldenFile = Path.Combine(AppContext.BaseDirectory, "event-names.golden.txt");

    /// <summary>A name, once written to somebody's stream, stays: the golden file only grows.</summary>
    [Fact]
    public void Names_are_those_of_the_golden_file()
    {
        Assert.Equal(File.ReadAllLines(GoldenFile), Enum.GetValues<EventKind>().Select(EventNames.Of));
    }

    [Fact]
    public void Every_kind_has_its_own_versioned_name_and_is_found_by_it()
    {
        var names = Enum.GetValues<EventKind>().Select(EventNames.Of).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches(@"^[a-z][a-z0-9-]*\.v[1-9]$", name));
        foreach (var kind in Enum.GetValues<EventKind>())
        {
            Assert.True(EventNames.TryKindOf(EventNames.Utf8Of(kind), out var found));
            Assert.Equal(kind, found);
        }
        Assert.False(EventNames.TryKindOf("keepalive-received.v99"u8, out _));
        Assert.False(EventNames.TryKindOf(Encoding.ASCII.GetBytes(new string('x', 1000)), out _));
    }

    [Fact]
    public void Every_kind_has_exactly_one_record()
    {
        var records = typeof(WireGuardEvent).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(WireGuardEvent))).ToList();

        Assert.Equal(Enum.GetNames<EventKind>().Order(), records.Select(type => type.Name).Order());
        Assert.All(records, record => Assert.True(record.IsSealed));
    }
}
