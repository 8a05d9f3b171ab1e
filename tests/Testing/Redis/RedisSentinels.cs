using StackExchange.Redis;

namespace WgMonitor.Testing;

/// <summary>A primary with one replica, and three real sentinels that watch them and agree on a failover after a second of silence.</summary>
public sealed class RedisSentinels : IAsyncDisposable
{
    public const string Service = "mymaster";

    private const int Count = 3;

    private readonly TempDirectory directory = new();
    private readonly List<ChildProcess> sentinels = [];
    private readonly List<int> ports = [];
    private readonly List<ConnectionMultiplexer> connections = [];

    private RedisSentinels(RedisServer primary, RedisServer replica) => (Primary, Replica) = (primary, replica);

    /// <summary>The server that was the primary at the start.</summary>
    public RedisServer Primary { get; }

    /// <summary>The server that followed it at the start.</summary>
    public RedisServer Replica { get; }

    /// <summary><c>url</c>, <c>nodes</c> and <c>sentinel_service</c> of section <c>[redis]</c>.</summary>
    public string Toml => $"""
        url = "redis://127.0.0.1:{ports[0]}"
        nodes = [{string.Join(", ", ports.Skip(1).Select(port => $"\"127.0.0.1:{port}\""))}]
        sentinel_service = "{Service}"
        """;

    /// <summary>Starts all of them and waits until the replica follows and the sentinels know of it and of each other.</summary>
    /// <param name="firstPort">Of the first sentinel; null for any.</param>
    public static async Task<RedisSentinels> StartAsync(int? firstPort = null)
    {
        RedisServer primary = await RedisServer.StartAsync(ownProcess: true);
        RedisServer replica = await RedisServer.StartAsync(ownProcess: true, "--replicaof", primary.Host, $"{primary.Port}", "--repl-diskless-sync-delay", "0");
        var all = new RedisSentinels(primary, replica);
        try
        {
            await Wait.Until(async () => (await RedisCluster.CommandAsync(primary, "INFO", "replication")).Contains("state=online", StringComparison.Ordinal), "the replica follows");
            for (int sentinel = 0; sentinel < Count; sentinel++)
                all.Add(sentinel == 0 && firstPort is { } port ? port : FreePort.Tcp());
            await Wait.Until(all.AreCompleteAsync, "the sentinels know each other");
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <summary>Address that the sentinels give for the primary.</summary>
    public async Task<string> PrimaryAddressAsync()
    {
        string[] lines = (await AskAsync(ports[0], "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service)).Split('\n');
        return $"{lines[0].Trim()}:{lines[1].Trim()}";
    }

    /// <summary>A new connection to whoever is the primary, closed on dispose. Admin commands are allowed.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { ServiceName = Service, AllowAdmin = true, AbortOnConnectFail = false, ConfigCheckSeconds = 2 };
        foreach (int port in ports)
            options.EndPoints.Add("127.0.0.1", port);
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        connections.Add(connection);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ConnectionMultiplexer connection in connections)
            await connection.DisposeAsync();
        foreach (ChildProcess sentinel in sentinels)
            await sentinel.DisposeAsync();
        await Replica.DisposeAsync();
        await Primary.DisposeAsync();
        directory.Dispose();
    }

    private void Add(int port)
    {
        // A sentinel rewrites its file.
        string file = directory.Write($"sentinel-{port}.conf", $"""
            port {port}
            bind 127.0.0.1
            dir {directory.Path}
            sentinel monitor {Service} {Primary.Host} {Primary.Port} 2
            sentinel down-after-milliseconds {Service} 1000
            sentinel failover-timeout {Service} 5000
            """);
        sentinels.Add(ChildProcess.Start(Executable.Find("redis-server", "redis-server"), [file, "--sentinel"]));
        ports.Add(port);
    }

    private async Task<bool> AreCompleteAsync()
    {
        foreach (int port in ports)
        {
            try
            {
                string state = await AskAsync(port, "INFO", "sentinel");
                if (!state.Contains($"slaves=1,sentinels={Count}", StringComparison.Ordinal))
                    return false;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<string> AskAsync(int port, params string[] arguments)
    {
        await using ChildProcess client = ChildProcess.Start(Executable.Find("redis-cli", "redis-tools"), ["-e", "-h", "127.0.0.1", "-p", $"{port}", .. arguments]);
        return await client.ExitAsync() == 0 ? client.StandardOutput : throw new InvalidOperationException(client.Output);
    }
}
