using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>The HTTP API over real state: what the collector received is what people read.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private RedisServer redis = null!;
    private Deployment product = null!;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync(ownProcess: true);
        product = await Deployment.StartAsync(redis);
        using var sender = new SyslogSender(product.SyslogPort);
        var lines = new List<string>();
        foreach (var host in new[] { "vpn-01", "vpn-02", "vpn-03" })
        {
            for (var peer = 1; peer <= 12; peer++)
                lines.Add(Line(host, 10 + peer, $"wg{peer % 2}: Receiving keepalive packet from peer {peer} (203.0.113.{peer}:51820)"));
        }
        lines.Add(Line("vpn-01", 40, "wg1: Receiving handshake initiation from peer 1 (198.51.100.9:4000)"));
        lines.Add(Line("vpn-01", 41, "wg0: Peer 2 (203.0.113.2:51820) destroyed"));
        await product.SendAsync([.. lines.Select(line => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(line))], datagrams => sender.SendAsync(datagrams, Pace.Messages(5000)));
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
    }

    public async ValueTask DisposeAsync()
    {
        await product.DisposeAsync();
        await redis.DisposeAsync();
    }

    private static string Line(string host, int second, string text) =>
        $"<7>1 2026-11-22T13:00:{second:00}.000000+00:00 {host} kernel - - - [{100 + second}.000000] wireguard: {text}";

    private async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{product.ApiPort}{path}"));
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? "application/json" : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static IEnumerable<string> Ids(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!);

    [Fact]
    public async Task Everything_the_api_promises_is_so()
    {
        await PagesHoldEveryPeerOnceInOrder();
        await FiltersNarrowTheList();
        await OnePeerIsFoundByEitherId();
        await HostsAndStatusTellWhereThingsStand();
        await AMoveIsListedAsAnAlert();
        await MistakesAreProblems();
        await MetricsHoldTheNamesOfTheOriginal();
        await WithoutRedisRequestsFailAsProblems();
    }

    private async Task PagesHoldEveryPeerOnceInOrder()
    {
        var all = new List<string>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await GetAsync($"/api/v1/peers?limit=5&cursor={cursor}");
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 5);
            all.AddRange(Ids(page));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        Assert.Equal(36, all.Count);
        Assert.Equal(all.Distinct().Order(StringComparer.Ordinal), all);
    }

    private async Task FiltersNarrowTheList()
    {
        Assert.Equal(12, Ids(await GetAsync("/api/v1/peers?host=VPN-02")).Count());
        Assert.Equal(6, Ids(await GetAsync("/api/v1/peers?host=vpn-02&interface=wg0")).Count());
        Assert.Equal(["vpn-01/1/1"], Ids(await GetAsync("/api/v1/peers?ip=198.51.100.9")));
        Assert.Equal(["vpn-01/1/2"], Ids(await GetAsync("/api/v1/peers?status=gone&limit=1")));
        Assert.Empty(Ids(await GetAsync("/api/v1/peers?host=nobody")));
        Assert.Empty(Ids(await GetAsync("/api/v1/peers?name=Anna")));
    }

    private async Task OnePeerIsFoundByEitherId()
    {
        foreach (var id in new[] { "vpn-01/1/1", "vpn-01/1", "vpn-01%2F1%2F1" })
        {
            var peer = await GetAsync($"/api/v1/peers/{id}");
            Assert.Equal("vpn-01/1/1", peer.GetProperty("id").GetString());
            Assert.Equal("198.51.100.9", peer.GetProperty("endpoint").GetProperty("ip").GetString());
            Assert.Equal(4000, peer.GetProperty("endpoint").GetProperty("port").GetInt32());
            Assert.Equal("2026-11-22T13:00:40+00:00", peer.GetProperty("last_seen").GetString());
            Assert.Equal("2026-11-22T13:00:11+00:00", peer.GetProperty("last_keepalive").GetString());
        }
    }

    private async Task HostsAndStatusTellWhereThingsStand()
    {
        var hosts = await GetAsync("/api/v1/hosts?limit=2");
        Assert.Equal(["vpn-01", "vpn-02"], hosts.GetProperty("items").EnumerateArray().Select(host => host.GetProperty("host").GetString()));
        var host = await GetAsync("/api/v1/hosts/vpn-01");
        Assert.Equal(14, host.GetProperty("lines").GetInt64());
        Assert.Equal(["wg0", "wg1"], host.GetProperty("interfaces").EnumerateArray().Select(name => name.GetString()));

        var status = await GetAsync("/api/v1/status");
        Assert.Equal(38, status.GetProperty("entries_retained").GetInt64());
        Assert.StartsWith("7.", status.GetProperty("redis").GetString());
        Assert.All(status.GetProperty("groups").EnumerateArray(), group => Assert.Equal(product.Partitions, group.GetProperty("partitions_owned").GetInt32()));
        Assert.Empty(status.GetProperty("warnings").EnumerateArray());
    }

    private async Task AMoveIsListedAsAnAlert()
    {
        var alert = Assert.Single((await GetAsync("/api/v1/alerts")).GetProperty("items").EnumerateArray());
        Assert.Equal("vpn-01/1/1", alert.GetProperty("peer").GetString());
        Assert.Equal("203.0.113.1:51820", alert.GetProperty("old_endpoint").GetString());
        Assert.Equal("198.51.100.9:4000", alert.GetProperty("new_endpoint").GetString());
        await Wait.Until(async () => (await GetAsync($"/api/v1/alerts/{alert.GetProperty("id").GetString()}")).GetProperty("deliveries").EnumerateArray()
            .Any(delivery => delivery.GetProperty("route").GetString() == "log" && delivery.GetProperty("state").GetString() == "delivered"), "the log route takes it");
    }

    private async Task MistakesAreProblems()
    {
        string[] bad = ["/api/v1/peers?limit=0", "/api/v1/peers?limit=x", "/api/v1/peers?cursor=*", "/api/v1/peers?ip=1.2.3", "/api/v1/peers?status=up", "/api/v1/peers/vpn-01", "/api/v1/alerts?cursor=eA"];
        foreach (var path in bad) Assert.NotEmpty((await GetAsync(path, HttpStatusCode.BadRequest)).GetProperty("detail").GetString()!);
        string[] unknown = ["/api/v1/peers/vpn-01/1/99", "/api/v1/peers/nobody/1", "/api/v1/hosts/nobody", "/api/v1/alerts/0123456789abcdef0123456789abcdef", "/api/v1/nothing"];
        foreach (var path in unknown) await GetAsync(path, HttpStatusCode.NotFound);
    }

    private async Task MetricsHoldTheNamesOfTheOriginal()
    {
        // 36 keepalives less that of the peer that is gone, and one handshake.
        await Wait.Until(async () => await product.Api.MetricAsync("wg_peer_monitoring_wg_wireguard_events_total") == 36, "the series are refreshed");
        Assert.Equal(1, await product.Api.MetricAsync("wg_peer_monitoring_wg_peer_changes_total"));
        Assert.Equal(1, await product.Api.MetricAsync("wg_peer_monitoring_app_version_info"));
    }

    private async Task WithoutRedisRequestsFailAsProblems()
    {
        await redis.KillAsync();
        using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{product.ApiPort}/api/v1/peers"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }
}
