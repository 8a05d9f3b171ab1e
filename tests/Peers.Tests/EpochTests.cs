using Xunit;

namespace WgMonitor.Peers.Tests;

public class EpochTests
{
    private const string Banner = "wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.";

    private static Told Running() => new Told().Say(
        $"[    5.000000] {Banner}",
        "[   10.000000] wireguard: wg0: Interface created",
        "[   10.000100] wireguard: wg0: Peer 1 created",
        "[   10.000200] wireguard: wg0: Peer 2 created",
        "[  100.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)",
        "[  100.000100] wireguard: wg0: Receiving keepalive packet from peer 2 (203.0.113.6:51820)");

    private static void AssertNewEpoch(Told told, EpochReason reason)
    {
        Assert.Equal(reason, Assert.Single(told.Found<EpochStarted>()).Reason);
        Assert.Equal(2, told.State.Epoch.Number);
        Assert.Equal([GoneReason.EpochEnded, GoneReason.EpochEnded], told.Found<PeerGone>().Select(gone => gone.Reason));
        Assert.Empty(told.Found<EndpointChanged>());
        Assert.True(told.State.Peers[new PeerId(1, 1)].IsGone);
    }

    [Fact]
    public void The_first_banner_begins_no_second_epoch() => Assert.Empty(Running().Found<EpochStarted>());

    [Fact]
    public void A_banner_after_peers_begins_an_epoch()
    {
        var told = Running().Say(
            $"[  200.000000] {Banner}",
            "[  201.000000] wireguard: wg1: Peer 1 created",
            "[  202.000000] wireguard: wg1: Receiving keepalive packet from peer 1 (198.51.100.99:1)");

        AssertNewEpoch(told, EpochReason.ModuleLoaded);
        Assert.Equal("wg1", told.Peer(1).Interface);
    }

    [Fact]
    public void A_repeated_or_late_banner_begins_none() =>
        Assert.Empty(Running().Say($"[    5.000000] {Banner}").Found<EpochStarted>());

    [Fact]
    public void A_banner_overtaken_by_the_first_peer_of_its_epoch_begins_no_third()
    {
        var told = Running().Say("[  201.000000] wireguard: wg1: Peer 1 created", $"[  200.000000] {Banner}", "[  201.000100] wireguard: wg1: Peer 2 created");

        AssertNewEpoch(told, EpochReason.NumberRestarted);
    }

    [Fact]
    public void A_reboot_begins_an_epoch_though_its_banner_is_lost()
    {
        var told = Running();
        told.BootAt = told.Time(160);

        told.Say("[   40.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.99:1)");

        AssertNewEpoch(told, EpochReason.Rebooted);
        Assert.Equal(told.Time(40), told.Peer(1).LastSeenAt);
    }

    [Fact]
    public void H67_a_stamp_that_runs_backwards_is_a_new_boot_and_no_change_of_endpoint()
    {
        var told = new Told().Say("[12345.600000] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)");
        told.BootAt += 12_400 * Microseconds.Second;

        told.Say("[    3.200000] wireguard: wg0: Receiving keepalive packet from peer 17 (198.51.100.7:40000)");

        Assert.Equal(EpochReason.Rebooted, Assert.Single(told.Found<EpochStarted>()).Reason);
        Assert.Empty(told.Found<EndpointChanged>());
    }

    [Fact]
    public void Lines_of_the_boot_before_that_arrive_late_touch_nobody()
    {
        var told = Running();
        var before = told.BootAt;
        told.BootAt = told.Time(160);
        told.Say("[   40.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.99:1)");

        told.BootAt = before;
        told.Say("[  110.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        Assert.Empty(told.Found<EndpointChanged>());
        Assert.Equal(1, told.State.StaleLines);
        Assert.Equal(2, told.State.Epoch.Number);
    }

    /// <summary>A host without a battery boots with the clock it had when it was last told the time.</summary>
    [Fact]
    public void A_reboot_is_noticed_by_the_time_of_receipt_where_the_host_clock_is_behind()
    {
        var told = Running();
        told.SayBehind(40, 200, "[   40.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.99:1)");

        AssertNewEpoch(told, EpochReason.Rebooted);
    }

    [Fact]
    public void Lines_of_the_epoch_before_that_come_twice_touch_nobody()
    {
        var told = Running().Say($"[  200.000000] {Banner}", "[  201.000000] wireguard: wg1: Peer 1 created");

        told.Say("[   10.000200] wireguard: wg0: Peer 2 created", "[  100.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        AssertNewEpoch(told, EpochReason.ModuleLoaded);
        Assert.Equal(2, told.State.StaleLines);
        Assert.True(told.Peer(1).Endpoint.IsNone);
    }

    /// <summary>Kernel lines are a few milliseconds out of order even on a good day; a drained backlog is minutes.</summary>
    [Theory]
    [InlineData("99.990000")]
    [InlineData("20.000000")]
    public void A_late_line_of_the_same_boot_begins_none(string stamp)
    {
        Assert.Empty(Running().Say($"[   {stamp}] wireguard: wg0: Receiving keepalive packet from peer 2 (203.0.113.6:51820)").Found<EpochStarted>());
        var drained = Running().SayAt(104, $"[   {stamp}] wireguard: wg0: Receiving keepalive packet from peer 2 (203.0.113.6:51820)");
        Assert.Empty(drained.Found<EpochStarted>());
    }

    [Fact]
    public void A_number_created_again_begins_an_epoch() =>
        AssertNewEpoch(Running().Say("[  200.000000] wireguard: wg0: Peer 1 created"), EpochReason.NumberRestarted);

    [Fact]
    public void A_repeated_or_overtaken_creation_begins_none()
    {
        Assert.Empty(Running().Say("[   10.000100] wireguard: wg0: Peer 1 created").Found<EpochStarted>());
        var shuffled = new Told().Say("[   10.000200] wireguard: wg0: Peer 2 created", "[   10.000300] wireguard: wg0: Peer 1 created", "[   10.000250] wireguard: wg0: Peer 3 created");
        Assert.Empty(shuffled.Found<EpochStarted>());
        Assert.Equal(3, shuffled.State.Peers.Count);
    }

    [Fact]
    public void Without_stamps_neighbours_may_be_shuffled_and_repeated()
    {
        var told = new Told()
            .SayAt(10, "wireguard: wg0: Peer 2 created").SayAt(10, "wireguard: wg0: Peer 1 created").SayAt(10.1, "wireguard: wg0: Peer 2 created");
        Assert.Empty(told.Found<EpochStarted>());

        told.SayAt(90, "wireguard: wg0: Peer 1 created");
        Assert.Equal(EpochReason.NumberRestarted, Assert.Single(told.Found<EpochStarted>()).Reason);
    }

    [Fact]
    public void A_host_clock_set_back_or_forth_is_no_reboot()
    {
        var told = Running();
        told.BootAt -= 3 * 3600 * Microseconds.Second;
        told.Say("[  110.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");
        told.BootAt += 6 * 3600 * Microseconds.Second;
        told.Say("[  120.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        Assert.Empty(told.Found<EpochStarted>());
        Assert.Equal(told.Time(120), told.Peer(1).LastSeenAt);
    }
}
