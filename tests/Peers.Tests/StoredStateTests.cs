using WgMonitor.Events;
using WgMonitor.Peers.Tests.Truth;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>A new owner goes on from stored state: what is read back must be what was in memory, in every respect the fold looks at.</summary>
public sealed class StoredStateTests
{
    [Theory]
    [InlineData("A", 0)]
    [InlineData("C-part1", 0)]
    [InlineData("D-server", 0)]
    [InlineData("G-client", 0)]
    [InlineData("A", 20)]
    [InlineData("C-part1", 20)]
    [InlineData("D-server", 60)]
    [InlineData("G-client", 90)]
    public void A_fold_that_is_stored_and_read_back_at_any_moment_ends_the_same(string run, int percentLost)
    {
        var random = new Random(Seed.Print());
        var events = RecordedEvents.Of(Corpus.Run(run));
        var (straight, interrupted) = (HostState.Of("vpn-01"), HostState.Of("vpn-01"));

        for (var i = 0; i < events.Count; i++)
        {
            if (random.Next(100) < percentLost) continue;
            straight = HostFold.Apply(straight, events[i].Event, new Cause(i, 0)).State;
            interrupted = HostFold.Apply(interrupted, events[i].Event, new Cause(i, 0)).State;
            if (random.Next(10) == 0) interrupted = ReadBack(interrupted);
            Assert.Equal(StateDigest.HostText(straight), StateDigest.HostText(interrupted));
        }
        Assert.Equal(straight.Peers.Values.Select(peer => StateDigest.PeerText("vpn-01", peer)).Order(), interrupted.Peers.Values.Select(peer => StateDigest.PeerText("vpn-01", peer)).Order());
        Assert.Equal(StateDigest.Of(straight), StateDigest.Of(interrupted));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, long.MinValue)]
    public void A_stamp_of_zero_is_stored_as_such_and_not_as_the_lack_of_one(long endpointUptime, long freshAt)
    {
        var peer = new PeerState { Id = new PeerId(1, 1), Interface = "wg0", EndpointUptime = endpointUptime, FreshAt = freshAt };

        Assert.True(PeerStateHash.TryDecode(PeerStateHash.EncodeState(peer).Single().Value, peer.Id, out var back));
        Assert.Equal(peer, back);
    }

    /// <summary>What other versions read: names, numbers of states, an endpoint as its text, and nothing for what has its default.</summary>
    [Fact]
    public void A_peer_is_stored_as_this_text()
    {
        Assert.True(PeerEndpoint.TryParse("[fe80::1%3]:51820"u8, out var endpoint));
        var peer = new PeerState
        {
            Id = new PeerId(1, 7),
            Interface = "wgé0",
            Endpoint = endpoint,
            EndpointCertainty = EndpointCertainty.Authenticated,
            EndpointSince = 5,
            EndpointTrust = TrustLevel.TlsClientCert,
            GoneReason = GoneReason.Destroyed,
            Cause = new Cause(1795348800000, 2),
        };

        Assert.Equal(
            "{\"id\":{\"epoch\":1,\"number\":7},\"interface\":\"wg\\u00E90\",\"endpoint\":\"[fe80::1%3]:51820\",\"endpoint_certainty\":2,\"endpoint_since\":5,\"endpoint_uptime\":-1,"
            + "\"endpoint_trust\":3,\"fresh_at\":-9223372036854775808,\"gone_reason\":1,\"cause\":{\"milliseconds\":1795348800000,\"sequence\":2}}",
            System.Text.Encoding.UTF8.GetString(PeerStateHash.EncodeState(peer).Single().Value.Span));
    }

    [Fact]
    public void Gaps_and_a_silence_are_stored()
    {
        var told = new Told { Limits = new FoldLimits { GapsMax = 2 } };
        told.Say("[   10.000000] wireguard: wg0: Peer 1 created").Say("[   20.000000] net_ratelimit: 22 callbacks suppressed");
        for (var n = 1; n <= 3; n++) told.Know(100 * n, header => new Events.HistoryRewound(header, told.Time(100 * n - 5), told.Time(100 * n)));
        told.Know(400, header => new Events.HostSilent(header, told.State.HeardAt, Microseconds.Second));

        var back = ReadBack(told.State);

        Assert.Equal(told.State.Gaps.All, back.Gaps.All);
        Assert.Equal((2, 3, told.State.HeardAt), (back.Gaps.All.Length, back.Gaps.Forgotten, back.Gaps.SilentSince));
        Assert.Equal(StateDigest.Of(told.State), StateDigest.Of(back));
    }

    /// <summary>As version 0.1 stored it, before gaps were kept.</summary>
    [Fact]
    public void A_state_of_before_gaps_were_kept_is_read_with_none()
    {
        const string older = "{\"epoch\":{\"number\":1,\"highest_peer\":1,\"highest_peer_uptime\":10000000,\"highest_peer_at\":1795348810000000,\"peer_uptime\":10000000,"
            + "\"uptime\":20000000,\"first_uptime\":-1,\"first_at\":1795348810000000,\"received_at\":1795348820000000},\"clock\":{\"window_from\":10000000,\"current\":1795348800000000,"
            + "\"previous\":1795348800000000,\"known\":true},\"loss\":{\"loss_at\":1795348820000000,\"suspect_at\":-9223372036854775808,\"suppressed\":22,\"suppressed_at\":1795348820000000,"
            + "\"jump_at\":-9223372036854775808},\"interfaces\":[],\"candidates\":[],\"trouble\":{},\"last_line_at\":1795348820000000,\"lines\":2,\"trust_lowest\":0}";

        Assert.True(HostStateHash.TryDecode("vpn-01", older, [], out var state));

        Assert.Equal((22, 0, 0L, false), (state!.Loss.Suppressed, state.Gaps.All.Length, state.HeardAt, state.Gaps.IsSilent));
        var told = HostFold.Apply(state, new Events.NetRatelimitSuppressed(new("vpn-01", 1795348830000000, 1795348830000000, 30000000), 5), new Cause(1, 1)).State;
        Assert.Equal(new Gap(GapKind.LinesSuppressed, 1795348820000000, 1795348830000000, 5, new Cause(1, 1)), Assert.Single(told.Gaps.All));
    }

    private static HostState ReadBack(HostState state)
    {
        List<PeerState> peers = [];
        foreach (var peer in state.Peers.Values)
        {
            Assert.True(PeerStateHash.TryDecode(PeerStateHash.Encode(state.Host, peer).Last().Value, peer.Id, out var stored));
            peers.Add(stored!);
        }
        Assert.True(HostStateHash.TryDecode(state.Host, HostStateHash.Encode(state).Last().Value, peers, out var back));
        return back!;
    }
}
