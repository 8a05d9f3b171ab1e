using Xunit;

namespace WgMonitor.Streams.Tests.Read;

public class RecentlyUsedTests
{
    private static string?[] Held(RecentlyUsed<int, string> values, params int[] keys) => [.. keys.Select(key => values.TryGet(key, out var value) ? value : null)];

    [Fact]
    public void What_was_not_used_for_longest_goes()
    {
        var values = new RecentlyUsed<int, string>(2);
        values.Hold(1, "one");
        values.Hold(2, "two");
        Assert.Equal(["one"], Held(values, 1));

        values.Hold(3, "three");

        Assert.Equal(["one", null, "three"], Held(values, 1, 2, 3));
    }

    [Fact]
    public void What_two_got_at_once_is_held_once()
    {
        var values = new RecentlyUsed<int, string>(2);
        values.Hold(1, "one");
        values.Hold(2, "two");
        values.Hold(2, "two again");

        Assert.Equal(["one", "two again"], Held(values, 1, 2));
    }
}
