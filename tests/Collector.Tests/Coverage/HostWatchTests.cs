using System.Text;
using WgMonitor.Collector.Coverage;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using Xunit;

namespace WgMonitor.Collector.Tests.Coverage;

/// <summary>Who is silent, by looks one second apart.</summary>
public class HostWatchTests
{
    private const long Second = 1_000_000;

    private readonly HostWatch watch = new(hostsMax: 3, usualIntervals: 3, afterMin: 10 * Second, tick: Second);
    private readonly List<(long Second, string Host)> told = [];
    private long now;

    private void Hear(string host, bool isAcknowledged = false) =>
        watch.Heard(new EventFields { Host = Encoding.ASCII.GetBytes(host), Received = 1000 * Second + now }, 0, isAcknowledged);

    /// <summary>Seconds in which the host speaks every so many.</summary>
    private void Live(int seconds, int every = 0, string host = "a", bool mayHear = true)
    {
        for (var n = 0; n < seconds; n++)
        {
            if (every != 0 && n % every == 0) Hear(host);
            now += Second;
            Look(mayHear);
        }
    }

    private void Look(bool mayHear = true)
    {
        var silent = new List<WatchedHost>();
        watch.Look(now, mayHear, silent);
        told.AddRange(silent.Select(host => (now / Second, Encoding.ASCII.GetString(host.Name))));
    }

    [Fact]
    public void F42_a_host_is_silent_after_three_times_its_usual_interval()
    {
        Live(1000, every: 20);
        Assert.Empty(told);
        Assert.InRange(watch.Hosts.Single().Usual, 19 * Second, 20 * Second);

        Live(100);

        // The last line came at second 981.
        Assert.Equal((1042, "a"), Assert.Single(told));
        Assert.Equal(1, watch.SilentCount);
    }

    [Fact]
    public void F42_but_not_before_the_least_time()
    {
        Live(100, every: 1);

        Live(10);
        Assert.Empty(told);
        Live(1);

        Assert.Equal(111, Assert.Single(told).Second);
    }

    [Fact]
    public void It_is_told_once_and_again_after_it_was_heard()
    {
        Live(100, every: 1);
        Live(500);
        Assert.Single(told);

        Live(50, every: 1);
        Assert.Equal(0, watch.SilentCount);
        Live(500);

        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void A_burst_counts_as_one_line()
    {
        for (var round = 0; round < 20; round++)
        {
            for (var line = 0; line < 100; line++) Hear("a");
            Live(30);
        }

        Assert.Empty(told);
        Assert.InRange(watch.Hosts.Single().Usual, 25 * Second, 31 * Second);
    }

    [Fact]
    public void A_long_silence_does_not_become_a_habit()
    {
        Live(200, every: 1);
        Live(8 * 3600);
        Live(20, every: 1);

        Live(15);

        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void A_host_that_slows_down_for_good_is_told_a_few_times_only()
    {
        Live(200, every: 1);

        Live(3600, every: 60);

        Assert.InRange(told.Count, 1, 12);
        Assert.InRange(watch.Hosts.Single().Usual, 40 * Second, 61 * Second);
        var before = told.Count;
        Live(3600, every: 60);
        Assert.Equal(before, told.Count);
    }

    [Fact]
    public void A_host_that_spoke_only_once_has_no_usual_interval()
    {
        Hear("a");
        Live(3600);

        Assert.Empty(told);
    }

    [Fact]
    public void F54_a_process_that_stood_still_makes_nobody_silent()
    {
        Live(100, every: 1);

        now += 3600 * Second;
        Look();
        Live(9);
        Assert.Empty(told);
        Live(3);

        Assert.Single(told);
    }

    [Fact]
    public void Nobody_is_silent_while_nobody_can_be_heard()
    {
        Live(100, every: 1);
        Live(3600, mayHear: false);
        Assert.Empty(told);

        Live(12);

        Assert.Single(told);
    }

    [Fact]
    public void A_dropped_line_was_heard_and_is_counted_since_the_last_one_that_was_taken()
    {
        Hear("a");
        now += 5 * Second;
        for (var n = 0; n < 3; n++) watch.Lost(new EventFields { Host = "a"u8, Received = 1000 * Second + now + n }, 0);

        var host = Assert.Single(watch.Hosts);
        Assert.Equal((3, 1000 * Second, 1005 * Second + 2), (host.Lost, host.LostFrom, host.LostTo));
        Assert.True(host.HeardSinceLook);
    }

    [Fact]
    public void Hosts_are_bounded_and_forgotten_after_a_week()
    {
        foreach (var host in new[] { "a", "b", "c", "d" }) Hear(host);
        Look();
        Assert.Equal(3, watch.Hosts.Count);

        for (var day = 0; day < 8; day++)
        {
            now += 24 * 3600 * Second;
            Hear("b");
            Look();
            now += Second;
            Look();
        }
        // Looks so far apart are pauses, which nobody is blamed for.
        Assert.Empty(watch.Forget(now));
        foreach (var host in watch.Hosts.Where(host => host.Name[0] != 'b')) host.HeardAt = now - 8 * 24 * 3600 * Second;

        Assert.Equal(["a", "c"], watch.Forget(now).Select(host => Encoding.ASCII.GetString(host.Name)).Order());
        Hear("d");
        Assert.Equal(2, watch.Hosts.Count);
    }

    [Fact]
    public void A_run_knows_what_the_run_before_learned()
    {
        watch.Restore(new CollectorHost("a", 1, 20 * Second, true, false, false, 0), "a"u8, 0, now);
        watch.Restore(new CollectorHost("b", 1, 20 * Second, true, true, false, 0), "b"u8, 0, now);
        Assert.Equal(1, watch.SilentCount);

        Live(60);
        Assert.Empty(told);
        Live(1);

        Assert.Equal("a", Assert.Single(told).Host);
        Hear("b");
        Look();
        Assert.Equal(1, watch.SilentCount);
    }
}
