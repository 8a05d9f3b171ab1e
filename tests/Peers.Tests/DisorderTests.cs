using WgMonitor.Events;
using WgMonitor.Peers.Tests.Truth;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>Datagrams come twice and overtake each other; anybody can send anything.</summary>
public class DisorderTests
{
    private sealed record Outcome(IReadOnlyList<string> Peers, int Epochs, IReadOnlyList<string> Moves);

    private static Outcome Fold(IEnumerable<WireGuardEvent> events)
    {
        var state = HostState.Of("vpn-01");
        var epochs = 0;
        var moves = new List<string>();
        foreach (var e in events)
        {
            (state, var found) = HostFold.Apply(state, e, default);
            epochs += found.OfType<EpochStarted>().Count();
            moves.AddRange(found.OfType<EndpointChanged>().Select(c => $"{c.Peer} {c.Old} {c.New}"));
        }
        var peers = state.Peers.Values.OrderBy(p => p.Id.Epoch).ThenBy(p => p.Id.Number)
            // Lines that come after the one that ended the peer are not taken in.
            .Select(p => p.IsGone ? $"{p.Id} gone" : $"{p.Id} {p.Interface} {p.Endpoint} {p.HandshakeConfirmed} {p.Keypairs.Newest} {p.SessionSince != 0}");
        return new([.. peers], epochs, [.. moves.Order(StringComparer.Ordinal)]);
    }

    private static List<WireGuardEvent> Recorded(string run) => [.. RecordedEvents.Of(Corpus.Run(run)).Select(e => e.Event)];

    private static void AssertSame(Outcome expected, Outcome actual)
    {
        Assert.Equal(expected.Epochs, actual.Epochs);
        Assert.Equal(expected.Moves, actual.Moves);
        Assert.Equal(expected.Peers, actual.Peers);
    }

    [Theory]
    [InlineData("D-server")]
    [InlineData("C-part1")]
    [InlineData("A")]
    public void Lines_that_come_twice_change_nothing(string run)
    {
        var events = Recorded(run);

        AssertSame(Fold(events), Fold(events.SelectMany(e => new[] { e, e })));
        AssertSame(Fold(events), Fold(events.SelectMany((e, i) => i < 7 ? [e] : new[] { e, events[i - 7] })));
    }

    [Theory]
    [InlineData("D-server")]
    [InlineData("C-part1")]
    public void Lines_that_overtake_their_neighbours_change_nothing(string run)
    {
        var events = Recorded(run);
        var random = new Random(Seed.Print());

        for (var i = 0; i + 1 < events.Count; i++)
        {
            if (random.Next(10) == 0) (events[i], events[i + 1]) = (events[i + 1], events[i]);
        }

        AssertSame(Fold(Recorded(run)), Fold(events));
    }

    [Fact]
    public void Whatever_is_said_the_fold_goes_on_and_stays_bounded()
    {
        var random = new Random(Seed.Print());
        var limits = new FoldLimits { PeersMax = 50, GonePeersMax = 20, InterfacesMax = 10 };
        var state = HostState.Of("vpn-01");

        for (var i = 0; i < 100_000; i++) state = HostFold.Apply(state, Anything(random), default, limits).State;

        Assert.InRange(state.Peers.Count, 1, 50);
        Assert.InRange(state.Interfaces.Count, 0, 10);
        Assert.InRange(state.GoneCount, 0, 20);
        Assert.Equal(100_000, state.Lines);
        Assert.All(state.Peers.Values, peer => Assert.True(Enum.IsDefined(PeerStatusRule.Status(peer, state, state.LastLineAt))));
    }

    private static WireGuardEvent Anything(Random random)
    {
        var at = Told.Noon + random.NextInt64(1000) * Microseconds.Second;
        var header = new EventHeader("vpn-01", random.Next(50) == 0 ? random.NextInt64() : at, at, random.Next(4) == 0 ? null : random.NextInt64(1000) * Microseconds.Second, random.Next(1, 300));
        var device = $"wg{random.Next(20)}";
        var peer = random.Next(100) == 0 ? ulong.MaxValue : (ulong)random.Next(100);
        var keypair = random.Next(100) == 0 ? ulong.MaxValue : (ulong)random.Next(1000);
        var endpoint = random.Next(5) == 0 ? PeerEndpoint.None : new PeerEndpoint(InternetAddress.FromV4((uint)random.Next(3)), (ushort)random.Next(3));
        return random.Next(20) switch
        {
            0 => new InterfaceCreated(header, device),
            1 => new InterfaceDestroyed(header, device),
            2 => new InterfaceRenamed(header, device, $"wg{random.Next(20)}"),
            3 => new PeerCreated(header, device, peer),
            4 => new PeerDestroyed(header, device, peer, endpoint),
            5 or 6 => new KeypairCreated(header, device, peer, keypair),
            7 or 8 => new KeypairDestroyed(header, device, peer, keypair),
            9 => new HandshakeInitiationReceived(header, device, peer, endpoint),
            10 => new HandshakeResponseReceived(header, device, peer, endpoint),
            11 => new HandshakeResponseSent(header, device, peer, endpoint),
            12 => new HandshakeGaveUp(header, device, peer, endpoint, 20),
            13 => new KeysZeroed(header, device, peer, endpoint, 540),
            14 => new HandshakeRestartedNoAnswer(header, device, peer, endpoint, 15),
            15 => new ModuleLoaded(header, "1.0.0"),
            16 => new NetRatelimitSuppressed(header, random.NextInt64()),
            17 => new HandshakeInitiationInvalid(header, device, endpoint),
            _ => new KeepaliveReceived(header, device, peer, endpoint),
        };
    }
}
