using Xunit;

namespace WgMonitor.Peers.Tests;

public class LineLossTests
{
    private static string[] Handshake(int second, int peer, int keypair) =>
    [
        $"[  {second}.050000] wireguard: wg0: Receiving handshake response from peer {peer} (203.0.113.{peer}:51820)",
        $"[  {second}.050100] wireguard: wg0: Keypair {keypair} created for peer {peer}",
    ];

    private static Told Created() => new Told().Say("[   10.000000] wireguard: wg0: Peer 1 created", "[   10.000100] wireguard: wg0: Peer 2 created");

    private static Told Flood(Told told, int second, int lines)
    {
        for (var i = 0; i < lines; i++) told.Say($"[  {second}.{i:D6}] wireguard: wg0: Invalid MAC of handshake, dropping packet from 198.51.100.66:1");
        return told;
    }

    [Fact]
    public void A_peer_seen_from_its_creation_is_complete() => Assert.True(Created().Say(Handshake(20, 1, 1)).IsComplete(1));

    [Fact]
    public void A_peer_that_existed_before_is_complete_after_a_whole_handshake()
    {
        var told = new Told().Say("[   20.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.1:51820)");
        Assert.False(told.IsComplete(1));
        Assert.Equal(PeerStatus.Unknown, told.Status(1, 300));

        Assert.True(told.Say(Handshake(30, 1, 77)).IsComplete(1));
    }

    [Fact]
    public void A_first_unproved_session_of_a_peer_that_existed_before_is_not_complete()
    {
        var told = new Told().Say(
            "[   20.000000] wireguard: wg0: Receiving handshake initiation from peer 1 (203.0.113.1:51820)",
            "[   20.000100] wireguard: wg0: Sending handshake response to peer 1 (203.0.113.1:51820)",
            "[   20.000200] wireguard: wg0: Keypair 9 created for peer 1");
        Assert.False(told.IsComplete(1));

        Assert.True(told.Say("[   20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.1:51820)").IsComplete(1));
    }

    [Fact]
    public void A_note_of_the_kernel_opens_a_gap_that_a_whole_handshake_closes()
    {
        var told = Created().Say(Handshake(20, 1, 1)).Say(Handshake(21, 2, 2)).Say("[   60.000000] net_ratelimit: 22 callbacks suppressed");
        Assert.False(told.IsComplete(1));
        Assert.Equal(22, Assert.Single(told.Found<LinesSuppressed>()).Count);

        told.Say(Handshake(70, 1, 3));

        Assert.True(told.IsComplete(1));
        Assert.False(told.IsComplete(2));
        Assert.Equal(22, told.State.Loss.Suppressed);
    }

    [Fact]
    public void A_full_window_is_a_suspicion_before_the_kernel_says_anything()
    {
        var told = Flood(Created().Say(Handshake(20, 1, 1)), 60, 9);
        Assert.True(told.IsComplete(1));

        Flood(told, 61, 1);

        Assert.False(told.IsComplete(1));
    }

    [Fact]
    public void More_lines_than_the_default_lets_through_prove_another_limit() =>
        Assert.True(Flood(Created().Say(Handshake(20, 1, 1)), 60, 21).IsComplete(1));

    [Fact]
    public void A_handshake_within_a_full_window_does_not_close_the_gap()
    {
        var told = Flood(Created(), 60, 10).Say(Handshake(62, 1, 1));
        Assert.False(told.IsComplete(1));

        Assert.True(told.Say(Handshake(182, 1, 2)).IsComplete(1));
    }

    [Fact]
    public void A_jump_in_keypair_numbers_is_a_lost_line_unless_it_is_filled()
    {
        var told = Created().Say(Handshake(20, 1, 1)).Say(Handshake(30, 2, 3));
        Assert.False(told.IsComplete(1));
        Assert.False(told.IsComplete(2));

        var filled = Created().Say(Handshake(20, 1, 2)).Say("[   19.999000] wireguard: wg0: Receiving handshake response from peer 2 (203.0.113.2:51820)",
            "[   20.050000] wireguard: wg0: Keypair 1 created for peer 2");
        Assert.True(filled.IsComplete(2));
    }

    [Fact]
    public void A_destroyed_keypair_whose_creation_was_not_seen_is_a_missed_handshake()
    {
        var told = Created().Say(Handshake(20, 1, 1)).Say("[   30.000000] wireguard: wg0: Keypair 5 destroyed for peer 1");

        Assert.False(told.IsComplete(1));
    }

    [Fact]
    public void A_keypair_without_its_handshake_line_is_not_complete() =>
        Assert.False(Created().Say("[   20.050100] wireguard: wg0: Keypair 1 created for peer 1").IsComplete(1));

    [Fact]
    public void Silence_on_a_host_that_drops_lines_proves_nothing_but_zeroed_keys_do()
    {
        var told = Created().Say(Handshake(20, 1, 1)).Say("[   60.000000] net_ratelimit: 22 callbacks suppressed");
        Assert.Equal(PeerStatus.Unknown, told.Status(1, 700));

        told.Say("[  570.000000] wireguard: wg0: Zeroing out all keys for peer 1 (203.0.113.1:51820), since we haven't received a new one in 540 seconds");

        Assert.Equal(PeerStatus.Offline, told.Status(1, 700));
    }
}
