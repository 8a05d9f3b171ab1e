using System.Reflection;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Peers.Tests;

public class StateDigestTests
{
    private static readonly PeerState Peer = new() { Id = new PeerId(1, 1), Interface = "wg0" };

    private static Told Two(params int[] order) => new Told().Say([.. order.Select(peer => $"[   10.000000] wireguard: wg0: Receiving keepalive packet from peer {peer} (203.0.113.{peer}:51820)")]);

    [Fact]
    public void The_order_of_peers_does_not_matter()
    {
        var peers = Two(1, 2).State.Peers;
        var state = HostState.Of("vpn-01");

        Assert.Equal(
            StateDigest.Of(state with { Peers = state.Peers.AddRange(peers) }),
            StateDigest.Of(state with { Peers = state.Peers.AddRange(peers.Reverse()) }));
    }

    [Fact]
    public void It_has_64_digits_and_tells_hosts_apart()
    {
        Assert.Matches("^[0-9a-f]{64}$", StateDigest.Of(Two(1).State));
        Assert.NotEqual(StateDigest.Of(HostState.Of("a")), StateDigest.Of(HostState.Of("b")));
    }

    public static TheoryData<string> PeerProperties() => [.. Settable(typeof(PeerState)).Select(p => p.Name)];

    public static TheoryData<string> KeypairProperties() => [.. Settable(typeof(Keypairs)).Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(PeerProperties))]
    public void Every_property_of_a_peer_counts(string name) =>
        Assert.NotEqual(StateDigest.PeerText("h", Peer), StateDigest.PeerText("h", Changed(Peer, typeof(PeerState).GetProperty(name)!)));

    [Theory]
    [MemberData(nameof(KeypairProperties))]
    public void Every_property_of_its_keypairs_counts(string name)
    {
        object keypairs = Peer.Keypairs;
        typeof(Keypairs).GetProperty(name)!.SetValue(keypairs, Other(typeof(Keypairs).GetProperty(name)!, keypairs));

        Assert.NotEqual(StateDigest.PeerText("h", Peer), StateDigest.PeerText("h", Peer with { Keypairs = (Keypairs)keypairs }));
    }

    public static TheoryData<string> HostProperties() =>
        [.. Settable(typeof(HostState)).Select(p => p.Name).Except([nameof(HostState.Peers), nameof(HostState.Changed), nameof(HostState.Gone), nameof(HostState.Interfaces), nameof(HostState.Candidates)])];

    [Theory]
    [MemberData(nameof(HostProperties))]
    public void Every_property_of_a_host_counts(string name)
    {
        var host = HostState.Of("h");
        var copy = host with { };
        typeof(HostState).GetProperty(name)!.SetValue(copy, Other(typeof(HostState).GetProperty(name)!, copy));

        Assert.NotEqual(StateDigest.HostText(host), StateDigest.HostText(copy));
    }

    [Fact]
    public void Every_part_of_a_gap_counts()
    {
        var gap = new Gap(GapKind.HostSilent, 1, 2, 3, new Cause(4, 5));
        Gap[] gaps = [gap, gap with { Kind = GapKind.CollectorOutage }, gap with { From = 9 }, gap with { To = 9 }, gap with { Lines = 9 }, gap with { Cause = new Cause(9, 9) }];
        var logs = gaps.Select(one => GapLog.None with { All = [one] }).Concat([GapLog.None, GapLog.None with { All = [gap, gap] }, GapLog.None with { Forgotten = 1 }, GapLog.None with { SilentSince = 1 }]);

        Assert.Distinct(logs.Select(log => StateDigest.HostText(HostState.Of("h") with { Gaps = log })));
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(p => p.SetMethod is not null);

    private static PeerState Changed(PeerState peer, PropertyInfo property)
    {
        var copy = peer with { };
        property.SetValue(copy, Other(property, copy));
        return copy;
    }

    private static object Other(PropertyInfo property, object owner) => property.GetValue(owner) switch
    {
        long value => value == 7 ? 8L : 7L,
        int value => value + 1,
        ulong value => value + 1,
        bool value => !value,
        string value => value + "x",
        Enum value => Enum.ToObject(value.GetType(), 1),
        PeerId => new PeerId(9, 9),
        Cause => new Cause(9, 9),
        PeerEndpoint => new PeerEndpoint(InternetAddress.FromV4(1), 1),
        Keypairs keypairs => keypairs with { Newest = 9 },
        EpochTrack epoch => epoch with { Number = 9 },
        KernelClock clock => clock with { Current = 9 },
        LineLoss loss => loss with { BudgetedAt = 9 },
        GapLog gaps => gaps with { Forgotten = 9 },
        HandshakeTrouble trouble => trouble with { InvalidMacs = 9 },
        var value => throw new NotSupportedException(value?.GetType().Name),
    };
}
