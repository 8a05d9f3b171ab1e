using System.Text;
using WgMonitor.Collector.Trust;
using WgMonitor.Events;
using Xunit;
using static WgMonitor.Collector.Trust.CardinalityLimit;

namespace WgMonitor.Collector.Tests.Trust;

public class KnownIdentitiesTests
{
    private const long Second = 1_000_000;
    private const long Hour = 3600 * Second;

    private long now = TestPipeline.Received;

    private CardinalityLimit Peer(KnownIdentities known, ulong peer, string host = "vpn-01", string device = "wg0", EventKind kind = EventKind.KeepaliveReceived, ulong source = 1) =>
        known.Admit(new EventFields { Kind = kind, Host = Encoding.ASCII.GetBytes(host), Interface = Encoding.ASCII.GetBytes(device), Peer = peer }, source, now);

    private CardinalityLimit Host(KnownIdentities known, string host, ulong source = 1) =>
        known.Admit(new EventFields { Kind = EventKind.NetRatelimitSuppressed, Host = Encoding.ASCII.GetBytes(host) }, source, now);

    [Fact]
    public void Each_limit_refuses_what_is_new_and_lets_pass_what_is_known()
    {
        var known = new KnownIdentities(new() { HostsMax = 2, InterfacesPerHostMax = 2, PeersPerInterfaceMax = 3, PeersMax = 5, NewPeersPerMinute = 0 }, new());

        Assert.All(Enumerable.Range(1, 3), peer => Assert.Equal(None, Peer(known, (ulong)peer)));
        Assert.Equal(PeersPerInterface, Peer(known, 4));
        Assert.Equal(None, Peer(known, 1, device: "wg1"));
        Assert.Equal(Interfaces, Peer(known, 1, device: "wg2"));
        Assert.Equal(None, Peer(known, 1, host: "vpn-02"));
        Assert.Equal(CardinalityLimit.Peers, Peer(known, 2, host: "vpn-02"));
        Assert.Equal(Hosts, Peer(known, 1, host: "vpn-03"));
        Assert.Equal(Hosts, Host(known, "vpn-03"));

        Assert.All(Enumerable.Range(1, 3), peer => Assert.Equal(None, Peer(known, (ulong)peer)));
        Assert.Equal((2, 3, 5), known.Count);
    }

    [Fact]
    public void All_peers_of_a_server_pass_after_a_start_and_strangers_only_slowly()
    {
        var known = new KnownIdentities(new() { PeersPerInterfaceMax = 5000, NewPeersPerMinute = 100 }, new());

        Assert.All(Enumerable.Range(1, 5000), peer => Assert.Equal(None, Peer(known, (ulong)peer)));
        Assert.Equal(NewPeers, Peer(known, 1, device: "wg1"));
        Assert.All(Enumerable.Range(1, 5000), peer => Assert.Equal(None, Peer(known, (ulong)peer)));

        now += 60 * Second;
        Assert.Equal(100, Enumerable.Range(0, 1000).Count(peer => Peer(known, (ulong)peer, device: "wg1") == None));
    }

    [Fact]
    public void Every_host_of_a_relay_may_bring_its_peers()
    {
        var known = new KnownIdentities(new() { PeersPerInterfaceMax = 100, NewPeersPerMinute = 1 }, new());

        for (var host = 0; host < 50; host++)
            Assert.All(Enumerable.Range(1, 100), peer => Assert.Equal(None, Peer(known, (ulong)peer, host: $"vpn-{host}")));
        Assert.Equal((50, 50, 5000), known.Count);
    }

    [Fact]
    public void A_device_that_goes_down_and_up_all_day_keeps_its_peers()
    {
        var known = new KnownIdentities(new() { PeersPerInterfaceMax = 1000, NewPeersPerMinute = 1 }, new());
        ulong number = 0;

        for (var round = 0; round < 20; round++)
        {
            var first = number + 1;
            for (var peer = 0; peer < 1000; peer++) Assert.Equal(None, Peer(known, ++number, kind: EventKind.PeerCreated));
            for (var peer = first; peer <= number; peer++) Assert.Equal(None, Peer(known, peer, kind: EventKind.PeerDestroyed));
        }
        Assert.Equal(0, known.Count.Peers);
    }

    [Fact]
    public void What_is_not_heard_of_makes_room_and_what_is_stays()
    {
        var known = new KnownIdentities(new() { HostsMax = 10, PeersPerInterfaceMax = 10, PeersMax = 100, NewPeersPerMinute = 0, IdentitiesKept = TimeSpan.FromHours(24) }, new());
        for (var host = 0; host < 10; host++) Peer(known, 1, host: $"vpn-{host}");
        for (var hours = 0; hours < 30; hours++)
        {
            now += Hour;
            Assert.Equal(None, Peer(known, 1, host: "vpn-0"));
        }

        var admitted = Enumerable.Range(0, 100).Count(n => Host(known, $"new-{n}") == None);

        Assert.Equal(9, admitted);
        Assert.Equal(None, Peer(known, 1, host: "vpn-0"));
        Assert.Equal(10, known.Count.Hosts);
        Assert.Equal(1, known.Count.Peers);
    }

    [Fact]
    public void H111_a_million_peers_of_one_source_stop_at_the_limit()
    {
        var known = new KnownIdentities(new(), new());

        var admitted = 0;
        for (ulong peer = 1; peer <= 1_000_000; peer++)
        {
            if (Peer(known, peer, device: $"wg{peer % 100}") == None) admitted++;
        }

        Assert.Equal(10_000, admitted);
        Assert.Equal((1, 64, 10_000), known.Count);
    }

    [Fact]
    public void H112_a_million_host_names_stop_at_the_limit()
    {
        var known = new KnownIdentities(new(), new());
        Assert.Equal(None, Peer(known, 1));

        var admitted = Enumerable.Range(0, 1_000_000).Count(n => Host(known, $"host-{n}") == None);

        Assert.Equal(999, admitted);
        Assert.Equal(HostsPerSource, Host(known, "host-1000000"));
        Assert.Equal(None, Peer(known, 1));

        // Others have room that one source cannot take; in all there is a limit as well.
        Assert.Equal(500, Enumerable.Range(0, 500).Count(n => Host(known, $"vpn-{n}", source: 2) == None));
        Assert.Equal(500, Enumerable.Range(0, 1_000).Count(n => Host(known, $"other-{n}", source: 3) == None));
        Assert.Equal(Hosts, Host(known, "vpn-500", source: 2));
        Assert.Equal(2000, known.Count.Hosts);
    }

    [Fact]
    public void Hosts_that_are_forgotten_give_their_source_room_again()
    {
        var known = new KnownIdentities(new() { HostsMax = 100, HostsPerSourceMax = 10 }, new());
        Assert.All(Enumerable.Range(0, 10), n => Assert.Equal(None, Host(known, $"old-{n}")));
        Assert.Equal(HostsPerSource, Host(known, "new-0"));

        now += 25 * Hour;
        Assert.All(Enumerable.Range(0, 10), n => Assert.Equal(None, Host(known, $"other-{n}", source: 2)));
        Assert.All(Enumerable.Range(0, 10), n => Assert.Equal(None, Host(known, $"new-{n}")));
        Assert.Equal(HostsPerSource, Host(known, "new-10"));
    }
}
