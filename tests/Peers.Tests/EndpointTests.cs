using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Peers.Tests;

public class EndpointTests
{
    private static Told At(string endpoint) => new Told().Say(
        "[   10.000000] wireguard: wg0: Peer 1 created",
        $"[   20.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ({endpoint})");

    [Fact]
    public void The_first_endpoint_is_no_change()
    {
        var told = At("203.0.113.5:51820");

        Assert.Equal("203.0.113.5:51820", told.Peer(1).Endpoint.ToString());
        Assert.Equal(told.Time(20), told.Peer(1).EndpointSince);
        Assert.Empty(told.Found<EndpointChanged>());
    }

    [Fact]
    public void H40_a_datagram_that_comes_twice_changes_nothing_and_tells_nothing()
    {
        var told = At("203.0.113.5:51820");
        var (before, findings) = (told.Peer(1), told.Findings.Count);

        told.Say("[   20.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        Assert.Equal(findings, told.Findings.Count);
        Assert.Equal(before with { Cause = told.Peer(1).Cause, Keepalives = 2 }, told.Peer(1));
    }

    /// <summary>The log keeps the order of arrival; the stamp tells which endpoint is the newer one.</summary>
    [Fact]
    public void H41_a_datagram_that_was_overtaken_does_not_move_a_peer_back()
    {
        var told = At("203.0.113.5:51820").Say(
            "[   40.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.7:40000)",
            "[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        Assert.Equal("198.51.100.7:40000", told.Peer(1).Endpoint.ToString());
        Assert.Single(told.Found<EndpointChanged>());
    }

    /// <summary>The state. That many alerts of one peer become one is up to the notifier.</summary>
    [Fact]
    public void H113_a_peer_that_flaps_a_thousand_times_a_second_stays_one_peer_with_the_last_endpoint()
    {
        var told = At("203.0.113.5:51820");

        for (var n = 0; n < 1000; n++)
            told.Say($"[   21.{n:D3}000] wireguard: wg0: Receiving keepalive packet from peer 1 ({(n % 2 == 0 ? "198.51.100.7:40000" : "203.0.113.5:51820")})");

        Assert.Equal("203.0.113.5:51820", told.Peer(1).Endpoint.ToString());
        Assert.Equal((1, 1000L), (told.State.Peers.Count, told.Peer(1).EndpointChanges));
    }

    [Fact]
    public void A_port_alone_is_told_from_an_address()
    {
        var told = At("203.0.113.5:51820").Say(
            "[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:40000)",
            "[   40.000000] wireguard: wg0: Receiving handshake initiation from peer 1 (198.51.100.7:40000)");

        Assert.Equal([EndpointChange.Port, EndpointChange.Address], told.Found<EndpointChanged>().Select(c => c.Change));
        var moved = told.Found<EndpointChanged>().Last();
        Assert.Equal(("203.0.113.5:40000", "198.51.100.7:40000"), (moved.Old.ToString(), moved.New.ToString()));
        Assert.Equal((EventKind.HandshakeInitiationReceived, EndpointCertainty.Authenticated, told.Time(40)), (moved.Evidence, moved.Certainty, moved.At));
    }

    [Fact]
    public void What_the_kernel_has_stored_is_less_certain()
    {
        var told = At("203.0.113.5:51820").Say("[   30.000000] wireguard: wg0: Sending handshake initiation to peer 1 (192.0.2.252:1234)");

        Assert.Equal(EndpointCertainty.Stored, Assert.Single(told.Found<EndpointChanged>()).Certainty);
    }

    [Theory]
    [InlineData("[   30.000000] wireguard: wg0: Invalid MAC of handshake, dropping packet from 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: Invalid handshake initiation from 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: Invalid handshake response from 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: Dropping handshake packet from 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: Receiving cookie response from 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: Sending cookie response for denied handshake message for 198.51.100.66:1")]
    [InlineData("[   30.000000] wireguard: wg0: No route to 198.51.100.66:1, error -101")]
    public void The_address_of_a_refused_packet_touches_no_peer(string line)
    {
        var told = At("203.0.113.5:51820");
        var before = told.Peer(1);

        told.Say(line);

        Assert.Equal(before, told.Peer(1));
        Assert.Single(told.State.Peers);
        Assert.NotEqual(default, told.State.Trouble);
        Assert.Equal(told.State.Trouble, told.State.Interfaces["wg0"].Trouble);
    }

    [Fact]
    public void No_endpoint_is_no_change_either_way()
    {
        var told = new Told().Say(
            "[   10.000000] wireguard: wg0: Peer 1 created",
            "[   20.000000] wireguard: wg0: Sending keepalive packet to peer 1 ((einval))",
            "[   30.000000] wireguard: wg0: Receiving handshake initiation from peer 1 (203.0.113.5:51820)");

        Assert.Equal("203.0.113.5:51820", told.Peer(1).Endpoint.ToString());
        Assert.Empty(told.Found<EndpointChanged>());
    }

    [Fact]
    public void A_mapped_address_equals_the_one_it_maps() =>
        Assert.Empty(At("203.0.113.5:51820").Say("[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ([::ffff:203.0.113.5]:51820/0%0)").Found<EndpointChanged>());

    [Fact]
    public void A_scope_counts_only_where_an_address_needs_one()
    {
        Assert.Empty(At("[2001:db8::2]:51821/0%0").Say("[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ([2001:db8::2]:51821/0%7)").Found<EndpointChanged>());
        var linkLocal = At("[fe80::2]:51821/0%2").Say("[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ([fe80::2]:51821/0%3)");
        Assert.Equal(EndpointChange.Address, Assert.Single(linkLocal.Found<EndpointChanged>()).Change);
    }

    [Fact]
    public void A_late_line_never_overrides_a_newer_one()
    {
        var told = At("203.0.113.5:51820").Say("[   30.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.7:40000)");

        told.Say("[   25.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)");

        Assert.Equal("198.51.100.7:40000", told.Peer(1).Endpoint.ToString());
        Assert.Single(told.Found<EndpointChanged>());
        Assert.Equal(told.Time(30), told.Peer(1).KeepaliveReceivedAt);
    }

    [Fact]
    public void Without_stamps_the_order_of_the_log_counts()
    {
        var told = new Told()
            .SayAt(10, "wireguard: wg0: Receiving keepalive packet from peer 1 (203.0.113.5:51820)")
            .SayAt(20, "wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.7:51820)");

        Assert.Equal(told.Time(20), Assert.Single(told.Found<EndpointChanged>()).At);
    }
}
