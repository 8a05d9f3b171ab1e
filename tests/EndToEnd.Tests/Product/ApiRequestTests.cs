using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Peers;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What the API makes of a request: pages, parameters, and the document that describes them.</summary>
public sealed class ApiRequestTests
{
    private static PeerState Peer(int number) => new() { Id = new PeerId(1, (ulong)number), Interface = "wg0" };

    [Theory]
    [InlineData("")]
    [InlineData("&host=vpn-01")]
    public async Task A_page_shortened_by_vanished_peers_does_not_end_the_list(string filter)
    {
        await using var api = await ApiHost.StartAsync("page_max = 2");
        await api.StoreAsync("vpn-01", [.. Enumerable.Range(1, 7).Select(Peer)]);
        foreach (var number in new ulong[] { 1, 2, 4 }) await api.ForgetHashAsync("vpn-01", new PeerId(1, number));

        var ids = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await api.GetAsync($"/api/v1/peers?limit=1&cursor={cursor}{filter}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }

        Assert.Equal(["vpn-01/1/3", "vpn-01/1/5", "vpn-01/1/6", "vpn-01/1/7"], ids);
    }

    [Fact]
    public async Task Query_parameters_that_are_not_known_are_problems()
    {
        await using var api = await ApiHost.StartAsync("");
        var problems = new Dictionary<string, string>
        {
            ["/api/v1/peers?at=yesterday"] = "at must be a time with an offset, such as 2026-11-22T13:00:00Z, not 'yesterday'",
            ["/api/v1/peers/vpn-01/1/1?at=2999-11-22T13:00:00Z"] = "at lies in the future",
            ["/api/v1/peers?hots=vpn-01"] = "unknown query parameter 'hots': known are limit, cursor, host, interface, status, name, ip, at",
            ["/api/v1/hosts?host=vpn-01"] = "unknown query parameter 'host': known are limit, cursor",
            ["/api/v1/hosts/vpn-01?limit=1"] = "unknown query parameter 'limit': this route has none",
            ["/api/v1/alerts?limit=5&peer=1"] = "unknown query parameter 'peer': known are limit, cursor",
        };

        foreach (var (path, detail) in problems)
            Assert.Equal(detail, (await api.GetAsync(path, HttpStatusCode.BadRequest)).GetProperty("detail").GetString());
        await api.GetAsync("/api/v1/peers?limit=1&cursor=&host=vpn-01&interface=wg0&status=online&name=Anna&ip=203.0.113.1");
    }

    [Fact]
    public async Task The_document_names_the_product_and_groups_routes_by_subject()
    {
        await using var api = await ApiHost.StartAsync("");

        var document = await api.GetAsync("/openapi/v1.json");

        Assert.Equal("WgMonitor API", document.GetProperty("info").GetProperty("title").GetString());
        var status = await api.GetAsync("/api/v1/status");
        Assert.Equal(status.GetProperty("version").GetString(), document.GetProperty("info").GetProperty("version").GetString());
        Assert.Equal(["Alerts", "History", "Hosts", "Peers", "Status"], document.GetProperty("tags").EnumerateArray().Select(Name).Order(StringComparer.Ordinal));
        var used = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .SelectMany(operation => operation.Value.GetProperty("tags").EnumerateArray()).Select(tag => tag.GetString()!).Distinct();
        Assert.Equal(["Alerts", "History", "Hosts", "Peers", "Status"], used.Order(StringComparer.Ordinal));
        var parameters = document.GetProperty("paths").GetProperty("/api/v1/peers").GetProperty("get").GetProperty("parameters").EnumerateArray().Select(Name);
        Assert.Equal(["at", "cursor", "host", "interface", "ip", "limit", "name", "status"], parameters.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_reference_page_loads_and_tells_nothing_elsewhere()
    {
        await using var api = await ApiHost.StartAsync("");
        using var http = new HttpClient { BaseAddress = api.Address };

        using var answer = await http.GetAsync("/reference/");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("connect-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Empty(Regex.Matches(page, "(?:src|href)=.?https?://").Select(match => match.Value));
        foreach (var off in (string[])["\"telemetry\":false", "\"showDeveloperTools\":\"never\"", "\"withDefaultFonts\":false", "\"hideClientButton\":true"]) Assert.Contains(off, page.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"agent\":{\"disabled\":true", page.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Name(JsonElement tag) => tag.GetProperty("name").GetString()!;
}
