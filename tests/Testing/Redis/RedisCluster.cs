using StackExchange.Redis;

namespace WgMonitor.Testing;

/// <summary>A real Redis Cluster of the test's own: three primaries, the first of which has a replica.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int PrimaryCount = 3;
    private const int Slots = 16384;

    private readonly List<RedisServer> nodes = [];
    private readonly List<int> busPorts = [];
    private readonly List<ConnectionMultiplexer> connections = [];

    private RedisCluster()
    {
    }

    /// <summary>The nodes that were primaries at the start.</summary>
    public IReadOnlyList<RedisServer> Primaries => nodes[..PrimaryCount];

    /// <summary>Takes over when the first primary dies.</summary>
    public RedisServer Replica => nodes[PrimaryCount];

    /// <summary>All nodes.</summary>
    public IReadOnlyList<RedisServer> Nodes => nodes;

    /// <summary><c>url</c> and <c>nodes</c> of section <c>[redis]</c>.</summary>
    public string Toml => $"""
        url = "redis://{nodes[0].Address}"
        nodes = [{string.Join(", ", nodes.Skip(1).Select(node => $"\"{node.Address}\""))}]
        """;

    /// <summary>Starts the nodes, gives the primaries their slots and waits until all agree.</summary>
    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        try
        {
            for (int node = 0; node <= PrimaryCount; node++)
                await cluster.AddNodeAsync();
            await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new connection to the cluster, closed on dispose. Admin commands are allowed.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { AllowAdmin = true, ConfigCheckSeconds = 2, AbortOnConnectFail = false, ReconnectRetryPolicy = new ExponentialRetry(100, 1000) };
        foreach (RedisServer node in nodes)
            options.EndPoints.Add(node.Host, node.Port);
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        connections.Add(connection);
        return connection;
    }

    /// <summary>One command to one node, by a connection of its own that follows no redirection. An error reply is an exception.</summary>
    public static async Task<string> CommandAsync(RedisServer node, params string[] arguments)
    {
        await using ChildProcess client = ChildProcess.Start(Executable.Find("redis-cli", "redis-tools"), ["-e", "-h", node.Host, "-p", $"{node.Port}", .. arguments]);
        int code = await client.ExitAsync();
        return code == 0 ? client.StandardOutput : throw new InvalidOperationException($"{string.Join(' ', arguments)} at {node.Address}: {client.Output}");
    }

    /// <summary>The id of a node in the cluster.</summary>
    public static async Task<string> IdAsync(RedisServer node) => (await CommandAsync(node, "CLUSTER", "MYID")).Trim();

    /// <summary>The node that answers for a slot, as the first living node knows it.</summary>
    public async Task<RedisServer> OwnerAsync(int slot)
    {
        foreach (RedisServer node in nodes)
        {
            if ((await CommandAsync(node, "ROLE")).Split('\n')[0] != "master")
                continue;
            string self = (await CommandAsync(node, "CLUSTER", "NODES")).Split('\n').First(line => line.Contains("myself", StringComparison.Ordinal));
            foreach (string range in self.Split(' ').Skip(8).Where(part => part.Length > 0 && part[0] != '['))
            {
                int[] ends = [.. range.Split('-').Select(int.Parse)];
                if (slot >= ends[0] && slot <= ends[^1])
                    return node;
            }
        }

        throw new InvalidOperationException($"nobody answers for slot {slot}");
    }

    /// <summary>Moves a slot with its keys to another primary, a key at a time, while clients go on.</summary>
    /// <returns>How many keys moved.</returns>
    public async Task<int> MoveSlotAsync(int slot, RedisServer from, RedisServer to)
    {
        string source = await IdAsync(from), target = await IdAsync(to);
        await CommandAsync(to, "CLUSTER", "SETSLOT", $"{slot}", "IMPORTING", source);
        await CommandAsync(from, "CLUSTER", "SETSLOT", $"{slot}", "MIGRATING", target);
        int moved = 0;
        while (true)
        {
            string[] keys = (await CommandAsync(from, "CLUSTER", "GETKEYSINSLOT", $"{slot}", "1")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (keys.Length == 0)
                break;
            await CommandAsync(from, ["MIGRATE", to.Host, $"{to.Port}", "", "0", "5000", "KEYS", .. keys]);
            moved += keys.Length;
        }

        await CommandAsync(to, "CLUSTER", "SETSLOT", $"{slot}", "NODE", target);
        await CommandAsync(from, "CLUSTER", "SETSLOT", $"{slot}", "NODE", target);
        return moved;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ConnectionMultiplexer connection in connections)
            await connection.DisposeAsync();
        foreach (RedisServer node in nodes)
            await node.DisposeAsync();
    }

    private async Task AddNodeAsync()
    {
        int bus = FreePort.Tcp();
        nodes.Add(await RedisServer.StartAsync(
            ownProcess: true, "--cluster-enabled", "yes", "--cluster-port", $"{bus}", "--cluster-node-timeout", "2000", "--cluster-announce-ip", "127.0.0.1"));
        busPorts.Add(bus);
    }

    private async Task JoinAsync()
    {
        for (int node = 1; node < nodes.Count; node++)
            await CommandAsync(nodes[0], "CLUSTER", "MEET", nodes[node].Host, $"{nodes[node].Port}", $"{busPorts[node]}");
        for (int node = 0; node < PrimaryCount; node++)
            await CommandAsync(nodes[node], "CLUSTER", "ADDSLOTSRANGE", $"{Slots * node / PrimaryCount}", $"{Slots * (node + 1) / PrimaryCount - 1}");
        string first = await IdAsync(nodes[0]);
        await Wait.Until(async () => (await CommandAsync(Replica, "CLUSTER", "NODES")).Contains(first, StringComparison.Ordinal), "the replica knows the first primary");
        await CommandAsync(Replica, "CLUSTER", "REPLICATE", first);
        foreach (RedisServer node in nodes)
            await Wait.Until(async () => (await CommandAsync(node, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "the cluster is complete");
        await Wait.Until(async () => (await CommandAsync(nodes[0], "INFO", "replication")).Contains("state=online", StringComparison.Ordinal), "the replica follows");
    }
}
