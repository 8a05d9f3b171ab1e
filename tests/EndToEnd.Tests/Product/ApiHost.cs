using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using WgMonitor.Api;
using WgMonitor.Events;
using WgMonitor.Hosting;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>The API in the test's own process, over a Redis of its own in which the test writes the peers as the projector does.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private const int Partitions = 4;

    private readonly WebApplication app;
    private readonly ShiftedTime time;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly IDatabase database;

    private ApiHost(WebApplication app, ShiftedTime time, RedisServer redis, IConnectionMultiplexer connection) =>
        (this.app, this.time, Redis, database) = (app, time, redis, connection.GetDatabase());

    public RedisServer Redis { get; }

    public StateKeys Keys { get; } = StateKeys.Projector(new StreamKeys("wgmonitor"));

    public Uri Address => new($"http://{app.Services.GetRequiredService<Listeners>().Http}");

    /// <param name="api">TOML of the section <c>[api]</c>.</param>
    public static async Task<ApiHost> StartAsync(string api)
    {
        var redis = await RedisServer.StartAsync(ownProcess: true);
        var time = new ShiftedTime();
        // Redis is given longer than a scrape waits.
        var toml = $"[redis]\nurl = \"redis://{redis.Address}\"\ncommand_timeout = \"20s\"\n[stream]\npartitions = {Partitions}\n[api]\naddress = \"127.0.0.1:0\"\n{api}";
        var module = ApiRegistration.Module with
        {
            Register = (services, options) =>
            {
                ApiRegistration.Module.Register(services, options);
                services.AddSingleton<TimeProvider>(time);
            },
        };
        var app = WgMonitorHost.Build(ConfigurationDocument.Parse(toml, new Dictionary<string, string> { ["LOG_LEVEL"] = "none" }), module);
        await app.StartAsync();
        return new ApiHost(app, time, redis, await redis.ConnectAsync());
    }

    public void Later(TimeSpan by) => time.Shift += by;

    public async Task StoreAsync(string host, params PeerState[] peers)
    {
        var partition = PartitionOf(host);
        await database.SortedSetAddAsync(Keys.HostIndex(partition), host, 0);
        await database.HashSetAsync(Keys.Host(partition, host), Entries(HostStateHash.Encode(HostState.Of(host))));
        foreach (var peer in peers)
        {
            await database.HashSetAsync(Keys.Peer(partition, host, peer.Id), Entries(PeerStateHash.Encode(host, peer)));
            await database.SortedSetAddAsync(Keys.PeerIndex(partition), StateKeys.Member(host, peer.Id), 0);
        }
    }

    /// <summary>Takes the hash away and leaves the index: what a reader sees that asked just before the peer was forgotten.</summary>
    public Task<bool> ForgetHashAsync(string host, PeerId peer) => database.KeyDeleteAsync(Keys.Peer(PartitionOf(host), host, peer));

    public Task<bool> SpoilAsync(string host, PeerId peer) => database.HashSetAsync(Keys.Peer(PartitionOf(host), host, peer), "state", "{", When.Always);

    /// <summary>Commands that read the peers, since the server started.</summary>
    public async Task<long> ReadsAsync()
    {
        var calls = await database.Multiplexer.CallsAsync();
        return calls.GetValueOrDefault("hget") + calls.GetValueOrDefault("zrangebylex");
    }

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await http.GetAsync(new Uri(Address, path));
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Series of <c>/metrics</c>, by name with labels.</summary>
    public async Task<Dictionary<string, double>> ScrapeAsync()
    {
        var text = await http.GetStringAsync(new Uri(Address, "/metrics"));
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static int PartitionOf(string host) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), Partitions);

    private static HashEntry[] Entries(EventField[] fields) =>
        [.. fields.Select(field => new HashEntry((RedisValue)field.Name, (RedisValue)field.Value))];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>The system's clock and timers, put forward by the test.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }
}
