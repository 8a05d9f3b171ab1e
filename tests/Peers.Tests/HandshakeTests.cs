using Xunit;

namespace WgMonitor.Peers.Tests;

public class HandshakeTests
{
    private const string Ep = "203.0.113.5:51820";

    private static string[] Answered(int second, int keypair, params int[] destroyed) =>
    [
        $"[  {second}.000100] wireguard: wg0: Receiving handshake initiation from peer 1 ({Ep})",
        $"[  {second}.000200] wireguard: wg0: Sending handshake response to peer 1 ({Ep})",
        .. destroyed.Select(d => $"[  {second}.000300] wireguard: wg0: Keypair {d} destroyed for peer 1"),
        $"[  {second}.000400] wireguard: wg0: Keypair {keypair} created for peer 1",
    ];

    private static Told Created() => new Told().Say("[   10.000000] wireguard: wg0: Interface created", "[   10.000100] wireguard: wg0: Peer 1 created");

    [Fact]
    public void An_initiators_keypair_is_the_latest_handshake()
    {
        var told = Created().Say(
            "[   20.000000] wireguard: wg0: Sending handshake initiation to peer 1 (203.0.113.5:51820)",
            "[   20.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)",
            "[   20.050100] wireguard: wg0: Keypair 1 created for peer 1",
            "[   20.050200] wireguard: wg0: Sending keepalive packet to peer 1 (203.0.113.5:51820)");

        Assert.Equal(told.Time(20.0501), told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
        Assert.True(Assert.Single(told.Found<HandshakeConfirmed>()).Initiated);
        Assert.Single(told.Found<SessionStarted>());
        Assert.Equal(PeerStatus.Online, told.Status(1, 21));
    }

    [Fact]
    public void A_responders_first_keypair_is_no_handshake_before_the_other_side_used_it()
    {
        var told = Created().Say(Answered(20, 1));

        Assert.Equal(0, told.Peer(1).LastHandshakeAt);
        Assert.Equal(PeerStatus.Unknown, told.Status(1, 21));
        Assert.Empty(told.Found<HandshakeConfirmed>());
    }

    [Fact]
    public void A_keepalive_at_once_is_the_confirming_packet_and_gives_the_time()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  21.300000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");

        Assert.Equal(told.Time(21.3), told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
        Assert.Equal(told.Time(21.3), Assert.Single(told.Found<HandshakeConfirmed>()).HandshakeAt);
    }

    [Fact]
    public void A_later_keepalive_confirms_the_time_of_derivation()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  45.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");

        Assert.Equal(told.Time(20.0004), told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
    }

    [Fact]
    public void A_first_session_whose_attempt_is_not_repeated_is_presumed_but_not_called_confirmed_or_online()
    {
        var told = Created().Say(Answered(20, 1)).Say("[   26.100000] wireguard: wg0: Sending keepalive packet to peer 7 (203.0.113.9:51820)");

        Assert.Equal(told.Time(20.0004), told.Peer(1).LastHandshakeAt);
        Assert.False(told.Peer(1).HandshakeConfirmed);
        Assert.Equal(PeerStatus.Unknown, told.Status(1, 27));
    }

    [Fact]
    public void The_second_most_recent_keypair_destroyed_confirms_the_most_recent()
    {
        var told = Created().Say(Answered(20, 1)).Say(Answered(140, 2)).Say(Answered(260, 3, destroyed: 1));

        Assert.Equal(told.Time(260.0004), told.Peer(1).LastHandshakeAt);
        Assert.Contains(told.Found<HandshakeConfirmed>(), h => h.HandshakeAt == told.Time(140.0004));
    }

    /// <summary>Initiation, response and keypair every 5.3 s, up to 20 times, then silence, then again with the next packet.</summary>
    [Fact]
    public void A_preshared_key_mismatch_never_looks_like_a_working_peer()
    {
        var told = Created();
        var keypair = 0;
        foreach (var series in (int[])[20, 300, 1000])
        {
            for (var attempt = 0; attempt < 20; attempt++)
            {
                told.Say(Answered(series + attempt * 53 / 10, keypair + 1, keypair == 0 ? [] : [keypair]));
                keypair++;

                Assert.Equal(0, told.Peer(1).LastHandshakeAt);
                Assert.NotEqual(PeerStatus.Online, told.Status(1, series + attempt * 5.3 + 1));
            }
            // Other lines go on: time passes.
            told.Say($"[  {series + 130}.000000] wireguard: wg0: Sending keepalive packet to peer 7 (203.0.113.9:51820)");
            Assert.Equal(0, told.Peer(1).LastHandshakeAt);
        }

        Assert.Empty(told.Found<HandshakeConfirmed>());
        Assert.Empty(told.Found<SessionStarted>());
        Assert.Single(told.Found<HandshakeUnconfirmed>());
    }

    [Fact]
    public void A_preshared_key_changed_on_one_side_takes_the_presumed_handshake_back()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");
        var good = told.Peer(1).LastHandshakeAt;

        told.Say(Answered(140, 2));
        Assert.Equal(told.Time(140.0004), told.Peer(1).LastHandshakeAt);
        Assert.False(told.Peer(1).HandshakeConfirmed);

        told.Say(Answered(146, 3, destroyed: 2));
        Assert.Equal(good, told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
        Assert.Equal(2UL, Assert.Single(told.Found<HandshakeUnconfirmed>()).Keypair);

        told.Say(Answered(152, 4, destroyed: 3));
        Assert.Equal(good, told.Peer(1).LastHandshakeAt);
        Assert.NotEqual(PeerStatus.Online, told.Status(1, 201));
    }

    /// <summary>A keepalive under the old key arrives after the new session was derived: it looks like a confirmation, until the session is thrown away.</summary>
    [Fact]
    public void A_confirmation_that_was_none_is_taken_back()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");
        var good = told.Peer(1).LastHandshakeAt;
        told.Say(Answered(140, 2)).Say($"[  141.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");

        told.Say(Answered(146, 3, destroyed: 2));

        Assert.Equal(good, told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).Keypairs.Distrusted);
    }

    [Fact]
    public void After_a_failed_session_only_proof_brings_trust_back()
    {
        var told = Created().Say(Answered(20, 1)).Say(Answered(26, 2, destroyed: 1)).Say(Answered(32, 3, destroyed: 2));
        told.Say("[   50.000000] wireguard: wg0: Sending keepalive packet to peer 7 (203.0.113.9:51820)");
        Assert.Equal(0, told.Peer(1).LastHandshakeAt);

        told.Say($"[  57.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");

        Assert.Equal(told.Time(32.0004), told.Peer(1).LastHandshakeAt);
        Assert.Equal(PeerStatus.Online, told.Status(1, 58));
    }

    [Fact]
    public void Keys_thrown_away_with_the_interface_down_tell_nothing_about_the_next_session()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");
        told.Say("[   30.000000] wireguard: wg0: Keypair 1 destroyed for peer 1").Say(Answered(31, 2));

        Assert.False(told.Peer(1).Keypairs.Distrusted);
        Assert.Equal(told.Time(31.0004), told.Peer(1).LastHandshakeAt);
        Assert.Empty(told.Found<HandshakeUnconfirmed>());
    }

    [Fact]
    public void Lines_that_overtake_each_other_give_the_same_handshake()
    {
        var told = Created().Say(
            "[   20.050100] wireguard: wg0: Keypair 1 created for peer 1",
            "[   20.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)",
            "[   20.050100] wireguard: wg0: Keypair 1 created for peer 1");

        Assert.Equal(told.Time(20.0501), told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
        Assert.Single(told.Found<HandshakeConfirmed>());
    }

    [Fact]
    public void A_keepalive_that_overtakes_the_keypair_it_confirms_confirms_it()
    {
        var told = Created().Say(
            "[   20.000100] wireguard: wg0: Receiving handshake initiation from peer 1 (203.0.113.5:51820)",
            "[   20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)",
            "[   20.000400] wireguard: wg0: Keypair 1 created for peer 1");

        Assert.Equal(told.Time(20.1), told.Peer(1).LastHandshakeAt);
        Assert.True(told.Peer(1).HandshakeConfirmed);
    }

    [Fact]
    public void Header_times_are_seconds_late_on_a_busy_host_but_stamps_tell()
    {
        var told = Created();
        told.SayAt(29.5, "[   20.050000] wireguard: wg0: Receiving handshake response from peer 1 (203.0.113.5:51820)");
        told.SayAt(29.7, "[   20.050100] wireguard: wg0: Keypair 1 created for peer 1");

        Assert.Equal(told.Time(20.0501), told.Peer(1).LastHandshakeAt);
    }

    [Fact]
    public void A_retry_alone_changes_no_status()
    {
        var told = Created().Say(Answered(20, 1)).Say($"[  20.100000] wireguard: wg0: Receiving keepalive packet from peer 1 ({Ep})");

        told.Say($"[  25.300000] wireguard: wg0: Handshake for peer 1 ({Ep}) did not complete after 5 seconds, retrying (try 2)");

        Assert.Equal(PeerStatus.Online, told.Status(1, 26));
        Assert.Equal(2, told.Peer(1).HandshakeAttempt);
    }
}
