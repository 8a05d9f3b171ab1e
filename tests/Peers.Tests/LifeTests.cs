using Xunit;

namespace WgMonitor.Peers.Tests;

public class LifeTests
{
    private const long Day = 24 * 3600 * Microseconds.Second;

    private static Told Connected() => new Told().Say(
        "[   10.000000] wireguard: wg0: Interface created",
        "[   10.000100] wireguard: wg0: Peer 1 created",
        "[   20.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)",
        "[   20.050100] wireguard: wg0: Keypair 1 created for peer 1");

    [Fact]
    public void Status_follows_the_timers_of_the_protocol()
    {
        var told = Connected();

        Assert.Equal(PeerStatus.Online, told.Status(1, 200));
        Assert.Equal(PeerStatus.Idle, told.Status(1, 201));
        Assert.Equal(PeerStatus.Idle, told.Status(1, 560));
        Assert.Equal(PeerStatus.Offline, told.Status(1, 561));
    }

    [Fact]
    public void Traffic_keeps_a_peer_online() =>
        Assert.Equal(PeerStatus.Online, Connected().Say("[  190.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)").Status(1, 300));

    [Fact]
    public void A_peer_that_stopped_answering_is_idle_until_it_is_heard_again()
    {
        var told = Connected().Say("[   60.000000] wireguard: wg0: Retrying handshake with peer 1 (203.0.113.5:51820) because we stopped hearing back after 15 seconds");

        Assert.Equal(15, Assert.Single(told.Found<PeerStoppedAnswering>()).Seconds);
        Assert.Equal(PeerStatus.Idle, told.Status(1, 61));
        told.Say("[   62.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");
        Assert.Equal(PeerStatus.Online, told.Status(1, 63));
    }

    [Theory]
    [InlineData("wireguard: wg0: Handshake for peer 1 (203.0.113.5:51820) did not complete after 20 attempts, giving up", SessionEnd.GaveUp)]
    [InlineData("wireguard: wg0: Zeroing out all keys for peer 1 (203.0.113.5:51820), since we haven't received a new one in 540 seconds", SessionEnd.KeysZeroed)]
    public void A_session_ends_with_its_keys_or_its_hope(string line, SessionEnd end)
    {
        var told = Connected().Say($"[  170.000000] {line}");

        var ended = Assert.Single(told.Found<SessionEnded>());
        Assert.Equal((end, told.Time(20.0501), told.Time(20.0501)), (ended.End, ended.Since, ended.LastAliveAt));
        Assert.Equal(PeerStatus.Offline, told.Status(1, 171));
    }

    [Fact]
    public void A_session_that_died_of_silence_ends_at_the_next_sign_of_life()
    {
        var told = Connected().Say(
            "[  900.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)",
            "[  900.050100] wireguard: wg0: Keypair 2 created for peer 1");

        Assert.Equal(SessionEnd.Silent, Assert.Single(told.Found<SessionEnded>()).End);
        Assert.Equal(2, told.Found<SessionStarted>().Count());
    }

    [Fact]
    public void A_rekey_goes_on_with_the_session()
    {
        var told = Connected().Say(
            "[  140.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)",
            "[  140.050100] wireguard: wg0: Keypair 2 created for peer 1");

        Assert.Single(told.Found<SessionStarted>());
        Assert.Equal(told.Time(20.0501), told.Peer(1).SessionSince);
    }

    [Fact]
    public void A_destroyed_peer_is_gone_and_late_lines_do_not_bring_it_back()
    {
        var told = Connected().Say(
            "[   30.000000] wireguard: wg0: Peer 1 (203.0.113.5:51820) destroyed",
            "[   29.999900] wireguard: wg0: Keypair 1 destroyed for peer 1");

        Assert.Equal(GoneReason.Destroyed, Assert.Single(told.Found<PeerGone>()).Reason);
        Assert.Equal(SessionEnd.Gone, Assert.Single(told.Found<SessionEnded>()).End);
        Assert.Equal(PeerStatus.Gone, told.Status(1, 31));
    }

    [Fact]
    public void A_destroyed_interface_takes_its_peers_along()
    {
        var told = Connected().Say("[   30.000000] wireguard: wg1: Peer 2 created", "[   31.000000] wireguard: wg0: Interface destroyed");

        Assert.Equal(GoneReason.InterfaceDestroyed, told.Peer(1).GoneReason);
        Assert.False(told.Peer(2).IsGone);
        Assert.DoesNotContain("wg0", told.State.Interfaces.Keys);
    }

    [Fact]
    public void A_device_of_the_same_name_in_another_namespace_keeps_its_peers()
    {
        var told = Connected().Say(
            "[   30.000000] wireguard: wg0: Interface created",
            "[   30.000100] wireguard: wg0: Peer 2 created",
            "[   40.000000] wireguard: wg0: Peer 2 ((einval)) destroyed",
            "[   40.000100] wireguard: wg0: Interface destroyed");

        Assert.False(told.Peer(1).IsGone);
        Assert.True(told.Peer(2).IsGone);
    }

    [Fact]
    public void A_renamed_interface_takes_its_peers_along()
    {
        var told = Connected().Say("[   30.000000] office: renamed from wg0", "[   31.000000] eth0: renamed from eth1");

        Assert.Equal("office", told.Peer(1).Interface);
        Assert.Equal(["office"], told.State.Interfaces.Keys);
        Assert.Equal("office", Assert.Single(told.Found<InterfaceChanged>()).NewName);
    }

    [Fact]
    public void A_namespace_that_ends_leaves_the_peers_but_says_so()
    {
        var told = Connected().Say("[   30.000000] wireguard: wg0: Creating namespace exiting");

        Assert.Equal(told.Time(30), told.State.Interfaces["wg0"].NamespaceExitingAt);
        Assert.False(told.Peer(1).IsGone);
    }

    [Fact]
    public void A_number_not_seen_created_appears_with_its_first_line()
    {
        var told = new Told().Say("[  500.000000] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)");

        Assert.False(Assert.Single(told.Found<PeerAppeared>()).Created);
        Assert.Equal(0, told.Peer(17).CreatedAt);
    }

    [Fact]
    public void Gone_peers_are_forgotten_after_their_time()
    {
        var told = Connected().Say("[   30.000000] wireguard: wg0: Peer 1 (203.0.113.5:51820) destroyed");
        told.SayAt(30 + 6.9 * 24 * 3600, "wireguard: wg0: Peer 2 created");
        Assert.Equal(2, told.State.Peers.Count);

        told.SayAt(31 + 7 * 24 * 3600, "wireguard: wg0: Peer 3 created");

        Assert.Null(told.State.Current(1));
        Assert.Equal(0, told.State.GoneCount);
    }

    [Fact]
    public void Gone_peers_are_bounded_in_number()
    {
        var told = new Told { Limits = new FoldLimits { GonePeersMax = 3, GoneKept = Day } };
        for (var peer = 1; peer <= 10; peer++) told.Say($"[   {10 + peer}.000000] wireguard: wg0: Peer {peer} created", $"[   {10 + peer}.100000] wireguard: wg0: Peer {peer} ((einval)) destroyed");

        Assert.Equal([8UL, 9UL, 10UL], told.State.Peers.Keys.Select(id => id.Number).Order());
    }

    [Fact]
    public void Invented_numbers_and_devices_are_bounded()
    {
        var told = new Told { Limits = new FoldLimits { PeersMax = 5, InterfacesMax = 4 } };
        for (var n = 1; n <= 20; n++) told.Say($"[   {10 + n}.000000] wireguard: wg{n}: Sending keepalive packet to peer {n} (203.0.113.5:51820)");

        Assert.Equal(5, told.State.Peers.Count);
        Assert.Equal(4, told.State.Interfaces.Count);
        Assert.Equal(15, told.State.PeersRefused);
    }

    [Fact]
    public void Gone_peers_make_room_for_new_ones_the_longest_gone_first()
    {
        var told = new Told { Limits = new FoldLimits { PeersMax = 3 } };
        for (var peer = 1; peer <= 3; peer++) told.Say($"[   {10 + peer}.000000] wireguard: wg0: Peer {peer} created");
        told.Say("[   20.000000] wireguard: wg0: Peer 2 ((einval)) destroyed", "[   21.000000] wireguard: wg0: Peer 1 ((einval)) destroyed");

        told.Say("[   30.000000] wireguard: wg0: Peer 4 created");
        Assert.Equal([1UL, 3UL, 4UL], told.State.Peers.Keys.Select(id => id.Number).Order());

        told.Say("[   31.000000] wireguard: wg0: Peer 5 created", "[   32.000000] wireguard: wg0: Peer 6 created");
        Assert.Equal([3UL, 4UL, 5UL], told.State.Peers.Keys.Select(id => id.Number).Order());
        Assert.Equal(1, told.State.PeersRefused);
    }
}
