using WgMonitor.Peers;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Peer state at <c>/metrics</c>: read on scrape, bounded, and right after a reboot.</summary>
public sealed class PeerSeriesTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const string Handshakes = "wg_peer_monitoring_wg_wireguard_events_total{peer=\"1\",event=\"Handshake\",host=\"vpn-01\",interface=\"wg0\"}";
    private const string HandshakesCreated = "wg_peer_monitoring_wg_wireguard_events_created{peer=\"1\",event=\"Handshake\",host=\"vpn-01\",interface=\"wg0\"}";
    private const string Stale = "wgmonitor_api_peer_series_stale_total";
    private const string Refused = "wgmonitor_api_peer_series_refused";

    private static PeerState Peer(ulong number, long handshakes, int epoch = 1, long firstSeenAt = 1_763_816_400_500_000) =>
        new() { Id = new PeerId(epoch, number), Interface = "wg0", FirstSeenAt = firstSeenAt, Handshakes = handshakes };

    private static PeerState Gone(PeerState peer) => peer with { GoneReason = GoneReason.EpochEnded, GoneAt = 1_763_816_500_000_000 };

    [Fact]
    public async Task Nothing_is_read_when_no_series_are_wanted()
    {
        await using var api = await ApiHost.StartAsync("peer_series_max = 0");
        await api.StoreAsync("vpn-01", Peer(1, 7));

        var series = await api.ScrapeAsync();

        Assert.Equal(0, await api.ReadsAsync());
        Assert.DoesNotContain(Handshakes, series);
        Assert.Equal(0, series[Refused]);
    }

    [Fact]
    public async Task Scrapes_within_five_seconds_share_one_read()
    {
        await using var api = await ApiHost.StartAsync("");
        await api.StoreAsync("vpn-01", Peer(1, 7));
        Assert.Equal(0, await api.ReadsAsync());

        Assert.Equal(7, (await api.ScrapeAsync())[Handshakes]);
        var reads = await api.ReadsAsync();
        await api.StoreAsync("vpn-01", Peer(1, 9));
        Assert.Equal(7, (await api.ScrapeAsync())[Handshakes]);
        Assert.Equal(reads, await api.ReadsAsync());
        api.Later(Interval);
        Assert.Equal(9, (await api.ScrapeAsync())[Handshakes]);
        Assert.True(await api.ReadsAsync() > reads);
    }

    [Fact]
    public async Task With_too_many_peers_the_read_ends_and_no_peer_has_series()
    {
        await using var api = await ApiHost.StartAsync("peer_series_max = 3");
        var peers = Enumerable.Range(1, 200).Select(number => Peer((ulong)number, 1)).ToArray();
        await api.StoreAsync("vpn-01", peers[..3]);
        var few = await api.ScrapeAsync();
        Assert.Equal(3, few.Keys.Count(name => name.StartsWith("wireguard_peer_up{", StringComparison.Ordinal)));
        Assert.Equal(3, few.Where(entry => entry.Key.StartsWith("wgmonitor_api_peers{", StringComparison.Ordinal)).Sum(entry => entry.Value));

        await api.StoreAsync("vpn-01", peers);
        api.Later(Interval);
        var before = await api.ReadsAsync();
        var many = await api.ScrapeAsync();

        // An index range of each of 4 partitions, the first 4 peers, their host.
        Assert.InRange(await api.ReadsAsync() - before, 1, 9);
        Assert.Equal(1, many[Refused]);
        Assert.DoesNotContain(many.Keys, name => name.Contains("peer=\"", StringComparison.Ordinal) || name.StartsWith("wgmonitor_api_peers{", StringComparison.Ordinal));

        await api.StoreAsync("vpn-01", [.. peers[3..].Select(Gone)]);
        api.Later(Interval);
        var again = await api.ScrapeAsync();
        Assert.Equal(0, again[Refused]);
        Assert.Equal(197, again["wgmonitor_api_peers{status=\"gone\"}"]);
        Assert.Equal(1, again[Handshakes]);
    }

    [Fact]
    public async Task A_silent_Redis_hangs_no_scrape()
    {
        await using var api = await ApiHost.StartAsync("");
        await api.StoreAsync("vpn-01", Peer(1, 7));
        Assert.Equal(7, (await api.ScrapeAsync())[Handshakes]);
        await api.StoreAsync("vpn-01", Peer(1, 9));
        api.Later(Interval);

        api.Redis.Pause();
        var old = await api.ScrapeAsync();
        api.Redis.Resume();

        Assert.Equal(7, old[Handshakes]);
        Assert.Equal(1, old[Stale]);
        await Wait.Until(async () => (await api.ScrapeAsync())[Handshakes] == 9, "the read goes on without its scrape");
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_is_left_out_and_a_dead_Redis_leaves_the_old_values()
    {
        await using var api = await ApiHost.StartAsync("");
        await api.StoreAsync("vpn-01", Peer(1, 7));
        Assert.Equal(7, (await api.ScrapeAsync())[Handshakes]);

        await api.SpoilAsync("vpn-01", new PeerId(1, 1));
        api.Later(Interval);
        var spoiled = await api.ScrapeAsync();
        Assert.DoesNotContain(Handshakes, spoiled.Keys);
        Assert.True(spoiled["wgmonitor_api_unreadable_keys_total"] > 0);
        await api.StoreAsync("vpn-01", Peer(1, 7));
        api.Later(Interval);
        Assert.Equal(7, (await api.ScrapeAsync())[Handshakes]);

        await api.Redis.KillAsync();
        api.Later(Interval);
        var dead = await api.ScrapeAsync();
        Assert.Equal((7, 1), (dead[Handshakes], dead[Stale]));
    }

    [Fact]
    public async Task Peers_behind_vanished_ones_have_series_too()
    {
        await using var api = await ApiHost.StartAsync("page_max = 2");
        await api.StoreAsync("vpn-01", [.. Enumerable.Range(1, 5).Select(number => Peer((ulong)number, 1))]);
        foreach (var number in new ulong[] { 2, 3 }) await api.ForgetHashAsync("vpn-01", new PeerId(1, number));

        var series = await api.ScrapeAsync();

        Assert.Equal(3, series.Keys.Count(name => name.StartsWith("wireguard_peer_up{", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task After_a_reboot_the_counters_of_the_same_labels_restart()
    {
        await using var api = await ApiHost.StartAsync("");
        await api.StoreAsync("vpn-01", Peer(1, 700));
        var before = await api.ScrapeAsync();
        Assert.Equal((700, 1_763_816_400.5), (before[Handshakes], before[HandshakesCreated]));

        await api.StoreAsync("vpn-01", Gone(Peer(1, 700)), Peer(1, 2, epoch: 2, firstSeenAt: 1_763_816_500_000_000));
        api.Later(Interval);

        var after = await api.ScrapeAsync();
        Assert.Equal((2, 1_763_816_500), (after[Handshakes], after[HandshakesCreated]));
    }
}
