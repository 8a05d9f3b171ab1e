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
