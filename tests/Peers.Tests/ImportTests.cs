using System.Text;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>What another program knew of a peer is the least that is known of it: any line is more.</summary>
public sealed class ImportTests
{
    private static readonly PeerEndpoint Home = Endpoint("203.0.113.5:51820");

    private static PeerEndpoint Endpoint(string text) => PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out var endpoint) ? endpoint : throw new ArgumentException(text);

    /// <summary>Imported <paramref name="seconds"/> after the boot; heard at 50 and 60.</summary>
    private static Told Import(Told told, double seconds, ulong peer = 7, double handshake = 50, double keepalive = 60) =>
        told.Know(seconds, header => new PeerImported(header, "wg0", peer, Home, told.Time(handshake), told.Time(keepalive)));

    [Fact]
    public void A_peer_that_nobody_knows_is_where_it_was_and_was_heard_when_it_was_and_that_is_all()
    {
        var told = Import(new Told(), 100);
        var peer = told.Peer(7);

        Assert.Equal((Home, told.Time(50), told.Time(60), told.Time(60)), (peer.Endpoint, peer.LastHandshakeAt, peer.KeepaliveReceivedAt, peer.LastSeenAt));
        Assert.Equal((EndpointCertainty.Unknown, TrustLevel.Udp, TrustLevel.Udp, false, 0, 0), (peer.EndpointCertainty, peer.EndpointTrust, peer.Trust, peer.HandshakeConfirmed, peer.Handshakes, peer.FirstSeenAt));
        Assert.False(told.IsComplete(7));
        Assert.Equal(PeerStatus.Unknown, told.Status(7, 101));
        Assert.IsType<PeerAppeared>(Assert.Single(told.Findings));
        // Nothing of the host: it has not spoken.
        Assert.Equal(StateDigest.HostText(HostState.Of(Told.Host)), StateDigest.HostText(told.State));
    }

    [Fact]
    public void A_line_from_elsewhere_is_a_change_of_the_endpoint_and_one_from_there_is_none()
    {
        var moved = Import(new Told { Trust = TrustLevel.Tls }, 100).Say("[  120.000000] wireguard: wg0: Receiving handshake initiation from peer 7 (198.51.100.9:4000)");
        var change = Assert.Single(moved.Found<EndpointChanged>());
        Assert.Equal((Home, Endpoint("198.51.100.9:4000"), TrustLevel.Udp, false), (change.Old, change.New, change.Trust, change.Complete));
        Assert.Equal((moved.Time(120), TrustLevel.Tls), (moved.Peer(7).FirstSeenAt, moved.Peer(7).EndpointTrust));

        var same = Import(new Told { Trust = TrustLevel.Tls }, 100).Say("[  120.000000] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)");
        Assert.Empty(same.Found<EndpointChanged>());
        Assert.Equal((EndpointCertainty.Authenticated, TrustLevel.Tls, same.Time(50)), (same.Peer(7).EndpointCertainty, same.Peer(7).EndpointTrust, same.Peer(7).EndpointSince));
        Assert.Equal((same.Time(120), same.Time(50)), (same.Peer(7).KeepaliveReceivedAt, same.Peer(7).LastHandshakeAt));
    }

    [Fact]
    public void What_a_line_said_stays_whatever_is_imported()
    {
        var told = new Told().Say("[   80.000000] wireguard: wg0: Receiving keepalive packet from peer 7 (198.51.100.9:4000)", "[   81.000000] wireguard: wg0: Peer 8 created", "[   82.000000] wireguard: wg0: Peer 8 ((einval)) destroyed");
        var before = StateDigest.Of(told.State);

        Import(Import(told, 100), 100, peer: 8);
        Assert.Equal(before, StateDigest.Of(told.State));
        Import(told, 100, peer: 9);
        var imported = StateDigest.Of(told.State);
        told.Know(110, header => new PeerImported(header, "wg0", 9, Endpoint("192.0.2.1:1"), told.Time(90), 0));
        Assert.Equal(imported, StateDigest.Of(told.State));
        Assert.Empty(told.Found<EndpointChanged>());
    }

    [Theory]
    [InlineData("[  120.000000] wireguard: wg0: Peer 7 created")]
    [InlineData("[    5.000000] wireguard: wg0: Receiving handshake initiation from peer 7 (198.51.100.9:4000)")]
    [InlineData("[    4.000000] wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.")]
    public void A_number_that_was_given_to_another_since_is_no_change_of_its_endpoint(string line)
    {
        var told = Import(new Told(), 100);
        // The host booted after the import, unless the stamp says otherwise.
        if (!line.StartsWith("[  120", StringComparison.Ordinal)) told.BootAt += 500 * Microseconds.Second;

        told.Say(line, "[  130.000000] wireguard: wg0: Receiving keepalive packet from peer 7 (198.51.100.9:4000)");

        Assert.Empty(told.Found<EndpointChanged>());
        Assert.Equal((0, Endpoint("198.51.100.9:4000")), (told.Peer(7).LastHandshakeAt, told.Peer(7).Endpoint));
    }

    [Fact]
    public void What_was_heard_before_the_running_load_of_the_module_is_not_imported()
    {
        var told = new Told().Say("[   70.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.9:4000)");
        Import(told, 100, handshake: -50, keepalive: -40);
        Assert.Null(told.State.Current(7));

        told.Say("[  200.000000] wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.");
        Import(told, 300);
        Assert.Equal((2, null), (told.State.Epoch.Number, told.State.Current(7)));
        Import(told, 310, handshake: 250, keepalive: 250);
        Assert.Equal(told.Time(250), told.Peer(7).LastHandshakeAt);
    }

    [Fact]
    public void Times_to_come_are_those_of_the_import_and_peers_are_bounded()
    {
        var told = Import(new Told { Limits = new FoldLimits { PeersMax = 1 } }, 100, handshake: 1e9, keepalive: 1e9);
        Import(told, 100, peer: 8);

        Assert.Equal((told.Time(100), told.Time(100)), (told.Peer(7).LastHandshakeAt, told.Peer(7).KeepaliveReceivedAt));
        Assert.Equal((null, 1), (told.State.Current(8), told.State.PeersRefused));
    }

    [Fact]
    public void An_imported_peer_goes_with_its_epoch_and_counts_as_stored_and_read_back()
    {
        var told = Import(new Told().Say("[   70.000000] wireguard: wg0: Receiving keepalive packet from peer 1 (198.51.100.9:4000)"), 100);
        Assert.True(PeerStateHash.TryDecode(PeerStateHash.EncodeState(told.Peer(7)).Single().Value, new PeerId(1, 7), out var back));
        Assert.Equal(told.Peer(7), back);

        told.Say("[  200.000000] wireguard: wg0: Peer 1 created");

        Assert.Equal(GoneReason.EpochEnded, told.State.Peers[new PeerId(1, 7)].GoneReason);
    }
}
