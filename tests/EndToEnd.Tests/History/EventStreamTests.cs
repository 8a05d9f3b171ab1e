using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>The live stream: nothing missed and nothing twice over broken connections, and a reader that takes nothing costs nothing.</summary>
public sealed class EventStreamTests
{
    private const int Partitions = 4;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Reads until so many events came; gives them and the last id.</summary>
    private static async Task<(List<string> Keys, string LastId)> ReadAsync(ApiHost api, string query, string? lastId, int count, Func<Task>? connected = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Address, $"/api/v1/events/stream{query}"));
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        if (connected is not null) await connected();
        var (keys, last) = (new List<string>(), "");
        while (keys.Count < count && await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) last = line[4..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            var logged = JsonDocument.Parse(line[6..]).RootElement;
            keys.Add($"{logged.GetProperty("partition")}/{logged.GetProperty("id").GetString()}");
        }
        return (keys, last);
    }

    [Fact]
    public async Task A_broken_connection_goes_on_behind_the_last_event_id()
    {
        var random = new Random(Seed.Print());
        await using var api = await ApiHost.StartAsync("stream_poll_interval = \"10ms\"");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        await log.AppendAsync("vpn-01", "keepalive-received.v1", 1);
        var written = new List<string>();
        var (read, lastId) = await ReadAsync(api, "", null, 1, async () => written.Add(await WriteAsync(log, random)));
        for (var round = 0; round < 30; round++)
        {
            for (var i = random.Next(1, 40); i > 0; i--) written.Add(await WriteAsync(log, random));
            // Not all of them: the connection breaks in between.
            var (more, last) = await ReadAsync(api, "", lastId, random.Next(1, written.Count - read.Count + 1));
            read.AddRange(more);
            lastId = last;
        }
        if (read.Count < written.Count) read.AddRange((await ReadAsync(api, "", lastId, written.Count - read.Count)).Keys);

        Assert.Equal(written.Order(), read.Order());
        foreach (var partition in Enumerable.Range(0, Partitions).Select(number => $"{number}/"))
            Assert.Equal(written.Where(key => key.StartsWith(partition, StringComparison.Ordinal)), read.Where(key => key.StartsWith(partition, StringComparison.Ordinal)));
    }

    private static async Task<string> WriteAsync(EventLog log, Random random)
    {
        var host = $"vpn-{random.Next(8)}";
        return $"{log.PartitionOf(host)}/{await log.AppendAsync(host, "keepalive-received.v1", random.Next(1, 4))}";
    }

    [Fact]
    public async Task A_reader_beyond_the_maximum_is_refused_and_an_alien_id_too()
    {
        await using var api = await ApiHost.StartAsync("stream_clients_max = 1");
        using var first = await Http.GetAsync(new Uri(api.Address, "/api/v1/events/stream"), HttpCompletionOption.ResponseHeadersRead);
        using var second = await Http.GetAsync(new Uri(api.Address, "/api/v1/events/stream"), HttpCompletionOption.ResponseHeadersRead);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Address, "/api/v1/events/stream"));
        request.Headers.Add("Last-Event-ID", "1763820629123-0");
        using var alien = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadRequest), (first.StatusCode, second.StatusCode, alien.StatusCode));
        Assert.Contains("api.stream_clients_max", await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_dropped_and_memory_stays_bounded()
    {
        await using var api = await ApiHost.StartAsync("stream_stall_max = \"300ms\"\nstream_poll_interval = \"10ms\"");
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        // About 60 MB of answers, of which sockets take a few.
        var text = new string('x', 500);
        var batch = log.Database.CreateBatch();
        var written = Enumerable.Range(0, 60_000).Select(_ => batch.StreamAddAsync(log.Keys.Events(0), [new("event", "unrecognized.v1"), new("host", "vpn-01"), new("at", 1), new("received", 1), new("text", text)])).ToList();
        batch.Execute();
        await Task.WhenAll(written);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(api.Address.Host, api.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /api/v1/events/stream?from=2020-01-01T00:00:00Z HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await Wait.Until(async () => (await api.ScrapeAsync())["wgmonitor_api_stream_clients_dropped_total"] == 1, "it is dropped");

        Assert.Equal(0, (await api.ScrapeAsync())["wgmonitor_api_stream_clients"]);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 20 << 20, $"{grown} bytes more");
    }
}
