using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>What a new owner makes of what it finds in Redis, and how much of it it holds.</summary>
public sealed class HostStateStoreTests : IAsyncLifetime
{
    private readonly StateKeys keys = StateKeys.Projector(new StreamKeys($"t{Guid.NewGuid():N}"));
    private readonly List<(string Key, KeyFault Fault)> unreadable = [];
    private RedisServer server = null!;
    private ConnectionMultiplexer connection = null!;

    private IDatabase Redis => connection.GetDatabase();

    private HostStateReader Reader => new(connection, keys, (key, fault) => unreadable.Add((key, fault)));

    public async ValueTask InitializeAsync()
    {
        server = await RedisServer.StartAsync();
        connection = await server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await server.DisposeAsync();
    }

    private static HashEntry[] Hash(EventField[] fields) => [.. fields.Select(field => new HashEntry(field.Name, field.Value))];

    /// <summary>Writes a host as a projector does.</summary>
    private async Task StoreAsync(HostState state)
    {
        await Redis.HashSetAsync(keys.Host(0, state.Host), Hash(HostStateHash.Encode(state)));
        await Redis.SortedSetAddAsync(keys.HostIndex(0), state.Host, 0);
        foreach (var peer in state.Peers.Values)
        {
            await Redis.HashSetAsync(keys.Peer(0, state.Host, peer.Id), Hash(PeerStateHash.Encode(state.Host, peer)));
            await Redis.SortedSetAddAsync(keys.PeerIndex(0), StateKeys.Member(state.Host, peer.Id), 0);
        }
    }

    /// <summary>vpn-01 in its second epoch, with the living peers 1 to 3 and those of the first gone.</summary>
    private static HostState Restarted() => new Told().Say(
        "[   10.000000] wireguard: wg0: Peer 1 created",
        "[   20.000000] wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.",
        "[   21.000000] wireguard: wg0: Peer 1 created",
        "[   22.000000] wireguard: wg0: Peer 2 created",
        "[   23.000000] wireguard: wg0: Peer 3 created").State;

    private static IEnumerable<string> Ids(HostState state) => state.Peers.Keys.Select(id => $"{id.Epoch}/{id.Number}").Order(StringComparer.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("x")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":{"epoch":2,"number":2}}""")]
    [InlineData("""{"id":{"epoch":2,"number":3},"interface":"wg0"}""")]
    [InlineData("""{"id":{"epoch":2,"number":2},"interface":null}""")]
    [InlineData("""{"id":{"epoch":2,"number":2},"interface":"wg0","endpoint":5}""")]
    public async Task A_peer_whose_state_is_none_is_missing_and_no_other(string state)
    {
        await StoreAsync(Restarted());
        var key = keys.Peer(0, "vpn-01", new PeerId(2, 2));
        await Redis.HashSetAsync(key, "state", state);

        Assert.Equal(["1/1", "2/1", "2/3"], Ids(await Reader.ReadAsync(0, "vpn-01", default)));
        Assert.Equal([(key, KeyFault.BrokenState)], unreadable);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"epoch":null,"interfaces":[null],"candidates":[]}""")]
    public async Task A_host_whose_state_is_none_starts_from_its_peers_in_their_epoch(string state)
    {
        await StoreAsync(Restarted());
        await Redis.HashSetAsync(keys.Host(0, "vpn-01"), "state", state);

        var read = await Reader.ReadAsync(0, "vpn-01", default);

        Assert.Equal(["1/1", "2/1", "2/2", "2/3"], Ids(read));
        Assert.Equal((2, 1), (read.Epoch.Number, read.GoneCount));
        Assert.NotNull(read.Current(3));
        Assert.Equal([(keys.Host(0, "vpn-01"), KeyFault.BrokenState)], unreadable);
        Assert.Null(await Reader.ReadHostAsync(0, "vpn-01", default));
    }

    [Fact]
    public async Task Keys_of_another_type_are_as_absent()
    {
        await StoreAsync(Restarted());
        string[] foreign = [keys.Host(0, "vpn-01"), keys.Peer(0, "vpn-01", new PeerId(2, 2))];
        foreach (var key in foreign) await Redis.StringSetAsync(key, "x");

        Assert.Equal(["1/1", "2/1", "2/3"], Ids(await Reader.ReadAsync(0, "vpn-01", default)));
        // The replies come in no particular order.
        Assert.Equal(foreign.Select(key => (key, KeyFault.WrongType)).Order(), unreadable.Order());

        await Redis.StringSetAsync(keys.PeerIndex(0), "x");
        await Redis.StringSetAsync(keys.HostIndex(0), "x");
        Assert.Empty((await Reader.ReadAsync(0, "vpn-01", default)).Peers);
        Assert.Empty(await Reader.ReadHostNamesAsync(0, default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Which_hosts_are_refused_depends_on_the_index_and_the_order_of_events_and_not_on_batches(int batchSize)
    {
        await StoreAsync(HostState.Of("vpn-00") with { Lines = 1 });
        await StoreAsync(HostState.Of("vpn-01") with { Lines = 1 });
        var store = new HostStateStore(Reader, keys, 0, hostsMax: 4);
        var refused = new List<string>();
        string[] hosts = ["vpn-07", "vpn-07", "vpn-01", "vpn-05", "vpn-06", "vpn-00", "vpn-07", "vpn-08", "vpn-06"];

        foreach (var events in hosts.Chunk(batchSize))
        {
            foreach (var host in events)
            {
                if (await store.GetAsync(host, default) is { } state) store.Set(state with { Lines = state.Lines + 1 });
                else refused.Add(host);
            }
            store.WriteTo(new FencedBatch(0));
            store.Committed();
        }

        Assert.Equal(["vpn-06", "vpn-08", "vpn-06"], refused);
    }

    [Fact]
    public async Task The_hosts_unused_longest_leave_memory_and_are_read_again()
    {
        var store = new HostStateStore(Reader, keys, 0, hostsMax: 100, heldMax: 10);
        for (var i = 0; i < 50; i++)
        {
            foreach (var host in new[] { "vpn-00", $"vpn-{i:00}" }.Distinct())
            {
                var state = (await store.GetAsync(host, default))!;
                store.Set(state with { Lines = state.Lines + 1 });
                await StoreAsync(state with { Lines = state.Lines + 1 });
            }
            store.WriteTo(new FencedBatch(0));
            store.Committed();
            Assert.InRange(store.HeldCount, 1, 10);
        }
        await StoreAsync(HostState.Of("vpn-00") with { Lines = 1000 });
        await StoreAsync(HostState.Of("vpn-01") with { Lines = 1000 });

        // vpn-00 spoke in every batch and is still held; vpn-01 is read.
        Assert.Equal((50, 1000), ((await store.GetAsync("vpn-00", default))!.Lines, (await store.GetAsync("vpn-01", default))!.Lines));
    }
}
