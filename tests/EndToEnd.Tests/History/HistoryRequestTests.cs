using System.Globalization;
using System.Net;
using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Product;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>What the API makes of questions about the past.</summary>
public sealed class HistoryRequestTests
{
    private const int Partitions = 4;

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<JsonElement> Items(JsonElement page) => page.GetProperty("items").EnumerateArray();

    [Fact]
    public async Task A_bad_parameter_is_a_problem_that_says_what_is_wrong()
    {
        await using var api = await ApiHost.StartAsync("");
        var problems = new Dictionary<string, string>
        {
            ["/api/v1/peers?at=2026-11-22"] = "at must be a time with an offset, such as 2026-11-22T13:00:00Z, not '2026-11-22'",
            ["/api/v1/peers?at=2026-11-22T13:00:00"] = "at must be a time with an offset, such as 2026-11-22T13:00:00Z, not '2026-11-22T13:00:00'",
            ["/api/v1/peers?at=2026-11-22T13:00:00+01:00"] = "at must be a time with an offset, such as 2026-11-22T13:00:00Z, not '2026-11-22T13:00:00 01:00': a + in a query means a blank, write %2B",
            ["/api/v1/peers?at=2999-01-01T00:00:00Z"] = "at lies in the future",
            ["/api/v1/peers/vpn-01/events?to=2999-01-01T00:00:00Z"] = "to lies in the future",
            ["/api/v1/events?from=2026-11-22T13:00:00Z&to=2026-11-22T12:00:00Z"] = "from lies behind to",
            ["/api/v1/events?peer=17"] = "'17' is no peer id: host/epoch/number or host/number",
            ["/api/v1/events?peer=vpn-01/17&host=vpn-02"] = "peer 'vpn-01/17' is none of host 'vpn-02'",
            ["/api/v1/events?cursor=YWJj"] = "cursor is none that a page gave out",
            ["/api/v1/events?limit=0"] = "limit must be a number of 1 or more, not '0'",
            ["/api/v1/events?evnt=x"] = "unknown query parameter 'evnt': known are limit, cursor, host, peer, event, from, to",
            ["/api/v1/endpoints"] = "ip must be an IPv4 or IPv6 address, not ''",
            ["/api/v1/endpoints?ip=10.0.0.256"] = "ip must be an IPv4 or IPv6 address, not '10.0.0.256'",
            ["/api/v1/peers/vpn-01%2F1%2Fx/endpoints"] = "'vpn-01%2F1%2Fx' is no peer id: host/epoch/number or host/number",
            ["/api/v1/peers/vpn-01/1/1/sessions?cursor=YWJj"] = "cursor is none that a page gave out",
            ["/api/v1/events/stream?peer=vpn-01/1/17"] = "peer must be host/number here: what is appended is of the running epoch",
        };

        foreach (var (path, detail) in problems)
            Assert.Equal(detail, (await api.GetAsync(path, HttpStatusCode.BadRequest)).GetProperty("detail").GetString());
        Assert.Equal("no peer 'vpn-01/1/17' is known", (await api.GetAsync("/api/v1/peers/vpn-01/1/17/endpoints", HttpStatusCode.NotFound)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_document_lists_the_routes_of_the_past_with_their_parameters()
    {
        await using var api = await ApiHost.StartAsync("");

        var paths = (await api.GetAsync("/openapi/v1.json")).GetProperty("paths");

        var expected = new Dictionary<string, string>
        {
            ["/api/v1/peers/{id}/events"] = "cursor event from id limit to",
            ["/api/v1/peers/{id}/endpoints"] = "cursor from id limit to",
            ["/api/v1/peers/{id}/sessions"] = "cursor from id limit to",
            ["/api/v1/events"] = "cursor event from host limit peer to",
            ["/api/v1/events/stream"] = "event from host peer",
            ["/api/v1/endpoints"] = "cursor from ip limit to",
        };
        foreach (var (path, parameters) in expected)
        {
            var listed = paths.GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString());
            Assert.Equal(parameters, string.Join(' ', listed.Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task Each_moment_has_the_endpoint_of_then_and_the_stays_follow_each_other()
    {
        await using var api = await ApiHost.StartAsync("");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        var moments = new List<DateTimeOffset>();
        string[] endpoints = ["203.0.113.5:1", "198.51.100.7:2", "[2001:db8::5]:3"];
        foreach (var endpoint in endpoints)
        {
            await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, endpoint);
            moments.Add(await log.NextMillisecondAsync());
            await log.WritePointsAsync(1);
        }

        for (var i = 0; i < endpoints.Length; i++)
        {
            var peer = await api.GetAsync($"/api/v1/peers/vpn-01/1/7?at={Text(moments[i])}");
            Assert.Equal(endpoints[i].Replace("[", "").Replace("]", ""), $"{peer.GetProperty("endpoint").GetProperty("ip")}:{peer.GetProperty("endpoint").GetProperty("port")}");
            Assert.Single(Items(await api.GetAsync($"/api/v1/peers?host=vpn-01&status=unknown&ip={peer.GetProperty("endpoint").GetProperty("ip")}&at={Text(moments[i])}")));
        }
        var stays = Items(await api.GetAsync("/api/v1/peers/vpn-01/1/7/endpoints")).ToList();
        Assert.Equal(["changed", "changed", "open"], stays.Select(stay => stay.GetProperty("end").GetString()));
        Assert.Equal(stays.Skip(1).Select(stay => stay.GetProperty("since").ToString()), stays.SkipLast(1).Select(stay => stay.GetProperty("until").ToString()));
        var users = await api.GetAsync($"/api/v1/endpoints?ip=198.51.100.7&to={Text(moments[1])}");
        Assert.Equal(["vpn-01/1/7"], Items(users).Select(user => user.GetProperty("peer").GetString()));
        Assert.Equal("open", Items(users).Single().GetProperty("end").GetString());
        Assert.Empty(Items(await api.GetAsync($"/api/v1/endpoints?ip=198.51.100.7&to={Text(moments[0])}")));
        Assert.Empty(Items(await api.GetAsync("/api/v1/endpoints?ip=198.51.100.70")));
    }

    [Fact]
    public async Task A_moment_before_what_is_kept_is_told_as_unknown_and_not_as_empty()
    {
        await using var api = await ApiHost.StartAsync("");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, "203.0.113.5:1");
        var before = await log.NextMillisecondAsync();
        await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, "203.0.113.5:2");
        Assert.True((await api.GetAsync($"/api/v1/peers?at={Text(before)}")).GetProperty("past").GetProperty("complete").GetBoolean());

        await log.Database.StreamTrimAsync(log.Keys.Events(log.PartitionOf("vpn-01")), 1, useApproximateMaxLength: false);

        var page = await api.GetAsync($"/api/v1/peers?at={Text(before)}");
        Assert.Empty(Items(page));
        Assert.False(page.GetProperty("past").GetProperty("complete").GetBoolean());
        Assert.Contains("nothing of that time is kept", (await api.GetAsync($"/api/v1/peers/vpn-01/1/7?at={Text(before)}", HttpStatusCode.NotFound)).GetProperty("detail").GetString());
        // Points of a log that was cut before there were any tell what they know, and that it is not all.
        await log.WritePointsAsync(1);
        var later = await api.GetAsync($"/api/v1/peers?at={Text(DateTimeOffset.UtcNow)}");
        Assert.Single(Items(later));
        Assert.False(later.GetProperty("past").GetProperty("complete").GetBoolean());
        var events = await api.GetAsync("/api/v1/events");
        Assert.Single(Items(events));
        Assert.False(events.GetProperty("past").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task A_moment_too_far_from_any_point_is_refused_with_the_reason()
    {
        await using var api = await ApiHost.StartAsync("\n[history]\nfold_entries_max = 1000");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        for (var i = 0; i < 3_100; i++) await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, "203.0.113.5:1");

        var problem = await api.GetAsync($"/api/v1/peers?at={Text(DateTimeOffset.UtcNow)}", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("history.every_entries", problem.GetProperty("detail").GetString());
        await log.WritePointsAsync(1_000);
        Assert.Single(Items(await api.GetAsync($"/api/v1/peers?at={Text(DateTimeOffset.UtcNow)}")));
    }
}
