using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>When lines are missing, from where to where and why.</summary>
public class GapTests
{
    private static string Moved(int second, int peer, int port = 51820) => $"[  {second}.000000] wireguard: wg0: Receiving keepalive packet from peer {peer} (203.0.113.{peer}:{port})";

    private static string[] Handshake(int second, int peer, int keypair) =>
    [
        $"[  {second}.050000] wireguard: wg0: Receiving handshake response from peer {peer} (203.0.113.{peer}:51820)",
        $"[  {second}.050100] wireguard: wg0: Keypair {keypair} created for peer {peer}",
    ];

    private static Told Whole() => new Told().Say("[   10.000000] wireguard: wg0: Peer 1 created").Say(Handshake(20, 1, 1)).Say(Moved(21, 1));

    private static Gap Only(Told told) => Assert.Single(told.State.Gaps.All);

    [Fact]
    public void F41_a_note_of_the_kernel_is_a_gap_since_the_last_line_its_budget_let_through()
    {
        // Lines about created peers have no budget: the kernel printed this one while it dropped others.
        var told = Whole().Say("[   58.000000] wireguard: wg0: Peer 2 created", "[   60.000000] net_ratelimit: 22 callbacks suppressed");

        var gap = Only(told);

        Assert.Equal((GapKind.LinesSuppressed, told.Time(21), told.Time(60), 22L, false), (gap.Kind, gap.From, gap.To, gap.Lines, gap.IsOpen));
        Assert.Equal(gap, Assert.Single(told.Found<GapOpened>()).Gap);
    }

    [Fact]
    public void F41_notes_of_one_flood_are_one_gap_and_one_finding()
    {
        var told = Whole();
        for (var n = 0; n < 100; n++) told.Say($"[  {60 + 5 * n}.000000] net_ratelimit: 10 callbacks suppressed", Moved(61 + 5 * n, 1));

        Assert.Equal((1_000L, told.Time(21), told.Time(555)), (Only(told).Lines, Only(told).From, Only(told).To));
        Assert.Single(told.Found<GapOpened>());

        told.Say(Moved(700, 1)).Say("[  900.000000] net_ratelimit: 1 callbacks suppressed");

        Assert.Equal(2, told.State.Gaps.All.Length);
        Assert.Equal(told.Time(700), told.State.Gaps.All[1].From);
    }

    [Fact]
    public void F41_an_endpoint_change_inside_a_gap_is_not_complete()
    {
        var told = Whole().Say("[   60.000000] net_ratelimit: 22 callbacks suppressed").Say(Moved(61, 1, port: 9999));

        Assert.False(Assert.Single(told.Found<EndpointChanged>()).Complete);
        Assert.Equal(EndpointCertainty.Authenticated, told.Peer(1).EndpointCertainty);
    }

    [Fact]
    public void A_jump_in_keypair_numbers_is_a_gap_between_the_two_keypairs_once_nobody_fills_it()
    {
        var told = Whole().Say(Handshake(80, 1, 4));
        Assert.Empty(told.State.Gaps.All);

        told.Say(Moved(82, 1));

        Assert.Equal((GapKind.KeypairsMissing, told.Time(20.0501), told.Time(80.0501), 2L), (Only(told).Kind, Only(told).From, Only(told).To, Only(told).Lines));
    }

    [Fact]
    public void A_jump_that_a_late_line_fills_is_none()
    {
        var told = Whole().Say(Handshake(80, 1, 3)).Say("[   80.049000] wireguard: wg0: Keypair 2 created for peer 2").Say(Moved(82, 1));

        Assert.Empty(told.State.Gaps.All);
    }

    [Fact]
    public void F42_a_silent_host_is_an_open_gap_and_its_peers_are_unknown_until_it_says_something()
    {
        var told = Whole();
        Assert.Equal((PeerStatus.Offline, true), (told.Status(1, 900), told.IsComplete(1)));

        told.Know(90, header => new HostSilent(header, told.Time(21), 20 * Microseconds.Second));

        Assert.True(told.State.Gaps.IsSilent);
        Assert.True(Only(told).IsOpen);
        Assert.Equal((PeerStatus.Unknown, false), (told.Status(1, 900), told.IsComplete(1)));
        var silent = Assert.Single(told.Found<HostWentSilent>());
        Assert.Equal((told.Time(21), told.Time(90), 20 * Microseconds.Second), (silent.Since, silent.At, silent.Usual));

        told.Say(Moved(400, 1));

        Assert.False(told.State.Gaps.IsSilent);
        Assert.Equal((told.Time(21), told.Time(400)), (Only(told).From, Only(told).To));
        Assert.Equal(told.Time(21), Assert.Single(told.Found<HostHeardAgain>()).Since);
        Assert.Equal(Only(told), Assert.Single(told.Found<GapClosed>()).Gap);
        Assert.False(told.IsComplete(1));
        Assert.True(told.Say(Handshake(410, 1, 2)).IsComplete(1));
    }

    [Fact]
    public void F42_what_is_known_of_a_peer_stays_as_certain_as_it_was()
    {
        var told = Whole();
        var before = told.Peer(1);

        told.Know(90, header => new HostSilent(header, told.Time(21), Microseconds.Second)).Know(95, header => new LinesLost(header, LossReasons.CollectorOutage, 0, told.Time(80), told.Time(95)));

        Assert.Equal(before, told.Peer(1));
        Assert.Equal((told.Time(21), 4L, 1), (told.State.LastLineAt, told.State.Lines, told.State.Epoch.Number));
    }

    [Fact]
    public void A_host_that_another_collector_heard_since_is_not_silent()
    {
        var told = Whole().Say(Moved(50, 1));

        told.Know(90, header => new HostSilent(header, told.Time(21), Microseconds.Second));

        Assert.False(told.State.Gaps.IsSilent);
        Assert.Empty(told.Found<HostWentSilent>());
    }

    [Fact]
    public void F36_a_clock_that_was_set_back_hides_no_silence()
    {
        var told = Whole();
        // An hour back at the collector: the next line is received "before" the last one.
        told.SayBehind(70, 70 - 3600, Moved(70, 1));

        told.Know(90 - 3600, header => new HostSilent(header, told.Time(70 - 3600), Microseconds.Second));

        Assert.True(told.State.Gaps.IsSilent);
        told.Say(Moved(95, 1));
        Assert.False(told.State.Gaps.IsSilent);
    }

    [Fact]
    public void A_silence_that_two_collectors_tell_is_told_once()
    {
        var told = Whole();
        for (var n = 0; n < 2; n++) told.Know(90 + n, header => new HostSilent(header, told.Time(21), Microseconds.Second));

        Assert.Single(told.Found<HostWentSilent>());
        Only(told);
    }

    [Fact]
    public void A_host_without_a_line_that_is_told_silent_has_no_peer_and_no_epoch_more()
    {
        var told = new Told().Know(90, header => new HostSilent(header, 5, Microseconds.Second));

        Assert.True(told.State.Gaps.IsSilent);
        Assert.True(told.Say("[   10.000000] wireguard: wg0: Peer 1 created").Say(Handshake(20, 1, 1)).IsComplete(1));
    }

    public static TheoryData<string, GapKind> Losses() => new()
    {
        { LossReasons.CollectorOutage, GapKind.CollectorOutage },
        { LossReasons.SocketDrops, GapKind.LinesDropped },
        { LossReasons.BufferFull, GapKind.LinesDropped },
        { LossReasons.SpoolDropped, GapKind.LinesDropped },
        { "a-newer-word", GapKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void What_a_collector_lost_is_a_gap_of_its_bounds_and_ends_completeness_until_a_whole_handshake(string reason, GapKind kind)
    {
        var told = Whole().Know(60, header => new LinesLost(header, reason, 7, header.At - 15 * Microseconds.Second, header.At - 5 * Microseconds.Second));

        Assert.Equal(new Gap(kind, told.Time(45), told.Time(55), 7, Only(told).Cause), Only(told));
        Assert.False(told.IsComplete(1));
        Assert.True(told.Say(Handshake(70, 1, 2)).IsComplete(1));
    }

    [Fact]
    public void F18_a_rewound_history_is_a_gap()
    {
        var told = Whole().Know(60, header => new HistoryRewound(header, header.At - 3 * Microseconds.Second, header.At));

        Assert.Equal((GapKind.HistoryRewound, told.Time(57), told.Time(60)), (Only(told).Kind, Only(told).From, Only(told).To));
        Assert.False(told.IsComplete(1));
    }

    [Fact]
    public void F28_entries_trimmed_before_they_were_applied_are_a_gap()
    {
        var told = Whole().Know(60, header => new EntriesTrimmed(header, 1234, header.At - 30 * Microseconds.Second, header.At - 20 * Microseconds.Second));

        Assert.Equal((GapKind.EntriesTrimmed, told.Time(30), told.Time(40), 1234L), (Only(told).Kind, Only(told).From, Only(told).To, Only(told).Lines));
        Assert.False(told.IsComplete(1));
    }

    [Fact]
    public void The_same_outage_told_twice_is_one_gap()
    {
        var told = Whole();
        foreach (var to in new[] { 50, 52 }) told.Know(60, header => new LinesLost(header, LossReasons.CollectorOutage, 0, told.Time(40), told.Time(to)));

        Assert.Equal((told.Time(40), told.Time(52)), (Only(told).From, Only(told).To));
        Assert.Single(told.Found<GapOpened>());
    }

    [Fact]
    public void F36_a_gap_that_ends_before_it_begins_by_the_clock_is_a_moment()
    {
        var told = Whole().Know(60, header => new LinesLost(header, LossReasons.CollectorOutage, 0, At(60), At(60 - 3600)));

        Assert.Equal(Only(told).From, Only(told).To);
        Assert.False(Only(told).IsOpen);

        static long At(int seconds) => Told.Noon + seconds * Microseconds.Second;
    }

    [Fact]
    public void Gaps_are_bounded_and_the_open_one_is_kept()
    {
        var told = new Told { Limits = new FoldLimits { GapsMax = 4 } };
        told.Say("[   10.000000] wireguard: wg0: Peer 1 created");
        told.Know(20, header => new HostSilent(header, told.State.HeardAt, 1));

        for (var n = 1; n <= 10; n++) told.Know(100 * n, header => new HistoryRewound(header, header.At - 1, header.At));

        Assert.Equal((4, 7L), (told.State.Gaps.All.Length, told.State.Gaps.Forgotten));
        Assert.True(told.State.Gaps.All[0].IsOpen);
        Assert.Equal([800, 900, 1000], told.State.Gaps.All.Skip(1).Select(gap => (gap.To - told.BootAt) / Microseconds.Second));
        Assert.False(told.Say(Moved(1100, 1)).State.Gaps.HasOpen);
    }

    [Fact]
    public void F39_a_reboot_raises_no_endpoint_change_and_its_peers_are_complete_again()
    {
        var told = Whole().Say("[   60.000000] net_ratelimit: 22 callbacks suppressed");

        told.BootAt += 7200 * Microseconds.Second;
        told.Say("[   10.000000] wireguard: wg0: Peer 1 created").Say(Handshake(20, 1, 1)).Say("[   21.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.77:1)");

        Assert.Equal(2, told.State.Epoch.Number);
        Assert.All(told.Found<EndpointChanged>(), changed => Assert.Equal(2, changed.Peer.Epoch));
        Assert.Equal("203.0.113.1:51820", Assert.Single(told.Found<EndpointChanged>()).Old.ToString());
        Assert.True(told.IsComplete(1));
        Assert.Equal(GapKind.LinesSuppressed, Only(told).Kind);
    }

    [Fact]
    public void F40_a_tunnel_taken_down_and_up_raises_no_endpoint_change()
    {
        var told = Whole().Say(
            "[   60.000000] wireguard: wg0: Keypair 1 destroyed for peer 1", "[   60.000100] wireguard: wg0: Peer 1 (203.0.113.1:51820) destroyed", "[   60.100000] wireguard: wg0: Interface destroyed",
            "[   61.000000] wireguard: wg0: Interface created", "[   61.000100] wireguard: wg0: Peer 2 created");

        told.Say("[   70.000000] wireguard: wg0: Receiving handshake response from peer 2 (198.51.100.7:51820)", "[   70.000100] wireguard: wg0: Keypair 2 created for peer 2");

        Assert.Empty(told.Found<EndpointChanged>());
        Assert.True(told.Peer(1).IsGone);
        Assert.True(told.IsComplete(2));
        Assert.Empty(told.State.Gaps.All);
    }
}
