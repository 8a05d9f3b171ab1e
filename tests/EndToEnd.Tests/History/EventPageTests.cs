using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>The event log in pages: every entry once and in the order of its partition, by index and entry by entry, while more are appended.</summary>
public sealed class EventPageTests
{
    private const int Partitions = 4;
    private static readonly string[] Hosts = ["vpn-01", "vpn-02", "vpn-03", "a", "a-b"];
    private static readonly string[] Names = ["keepalive-received.v1", "keepalive-sent.v1", "handshake-initiation-received.v1"];

    private static async Task<List<JsonElement>> AllAsync(ApiHost api, string query, Func<Task>? between = null)
    {
        var all = new List<JsonElement>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await api.GetAsync($"/api/v1/{query}&cursor={cursor}");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
            if (between is not null) await between();
        }
        return all;
    }

    private static string Key(JsonElement logged) => $"{logged.GetProperty("partition")}/{logged.GetProperty("id").GetString()}";

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Pages_hold_every_entry_once_while_lines_flow(int everyEntries)
    {
        var random = new Random(Seed.Print());
        await using var api = await ApiHost.StartAsync("");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        var written = new List<(string Key, string Host, int Peer, string Name)>();
        async Task WriteAsync()
        {
            var (host, peer, name) = (Hosts[random.Next(Hosts.Length)], random.Next(1, 4), Names[random.Next(Names.Length)]);
            var id = await log.AppendAsync(host, name, peer, "203.0.113.5:1");
            written.Add(($"{log.PartitionOf(host)}/{id}", host, peer, name));
        }
        for (var i = 0; i < 600; i++) await WriteAsync();
        await log.NextMillisecondAsync();
        if (everyEntries > 0) await log.WritePointsAsync(everyEntries);
        var first = written.ToList();

        // What is appended behind the moment of the first page is in none of the pages.
        var all = await AllAsync(api, "events?limit=37", WriteAsync);
        Assert.Equal(first.Select(entry => entry.Key).Order(), all.Select(Key).Order());
        Assert.Equal(all.Select(logged => logged.GetProperty("id").GetString()!.Split('-')).Select(id => (long.Parse(id[0]), long.Parse(id[1]))).Order(),
            all.Select(logged => logged.GetProperty("id").GetString()!.Split('-')).Select(id => (long.Parse(id[0]), long.Parse(id[1]))));

        await log.NextMillisecondAsync();
        foreach (var host in Hosts)
        {
            var expected = written.Where(entry => entry.Host == host).ToList();
            Assert.Equal(expected.Select(entry => entry.Key), (await AllAsync(api, $"events?limit=7&host={host}")).Select(Key));
            Assert.Equal(expected.Where(entry => entry.Peer == 2).Select(entry => entry.Key), (await AllAsync(api, $"events?limit=5&peer={host}/2")).Select(Key));
            Assert.Equal(
                expected.Where(entry => entry.Name == Names[0]).Select(entry => entry.Key), (await AllAsync(api, $"events?limit=5&host={host}&event=keepalive-received")).Select(Key));
        }
        Assert.Equal(written.Where(entry => entry.Name == Names[1]).Select(entry => entry.Key).Order(), (await AllAsync(api, "events?limit=11&event=keepalive-sent.v1")).Select(Key).Order());
        Assert.Empty(await AllAsync(api, "events?limit=11&event=keepalive"));
    }
}
