using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace WgMonitor.Testing;

/// <summary>
/// A real redis-server of the test's own: free loopback port, private directory, AOF (everysec), <c>noeviction</c>, no snapshots.
/// With WGMONITOR_TEST_REDIS=host:port set, that server is shared by all tests that do not ask for their own process.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    public const string SharedVariable = "WGMONITOR_TEST_REDIS";

    private readonly List<ConnectionMultiplexer> connections = [];
    private readonly TempDirectory? directory;
    private readonly string[] extraArguments;
    private ChildProcess? process;
    private bool wasKilled;

    private RedisServer(string host, int port, TempDirectory? directory, string[] extraArguments)
    {
        (Host, Port, this.directory, this.extraArguments) = (host, port, directory, extraArguments);
    }

    public string Host { get; private set; }

    public int Port { get; private set; }

    /// <summary>host:port.</summary>
    public string Address => $"{Host}:{Port}";

    /// <summary>True for the server of WGMONITOR_TEST_REDIS: it cannot be stopped, killed or paused.</summary>
    public bool IsShared => directory is null;

    /// <summary>A key prefix nobody else uses, for tests that may meet others on a shared server.</summary>
    public string KeyPrefix { get; } = $"wgmonitor-test-{Guid.NewGuid():N}";

    /// <summary>What the running process logged until now.</summary>
    public string Log => process?.Output ?? "";

    /// <summary>Where the AOF lies.</summary>
    public string DataDirectory => Own().Path;

    /// <summary>The process number of a server of our own.</summary>
    public int ProcessId => process?.Id ?? throw new InvalidOperationException("redis-server does not run.");

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="ownProcess">True for tests that stop, kill or pause it, or flush it.</param>
    /// <param name="extraArguments">As on its command line, for example <c>--maxmemory 10mb</c>; they win over the defaults and need a process.</param>
    /// <exception cref="InvalidOperationException">redis-server is missing or does not start.</exception>
    public static async Task<RedisServer> StartAsync(bool ownProcess = false, params string[] extraArguments)
    {
        string? shared = Environment.GetEnvironmentVariable(SharedVariable);
        if (!ownProcess && extraArguments.Length == 0 && !string.IsNullOrEmpty(shared))
        {
            int colon = shared.LastIndexOf(':');
            return new RedisServer(shared[..colon], int.Parse(shared[(colon + 1)..]), null, []);
        }

        var server = new RedisServer("127.0.0.1", FreePort.Tcp(), new TempDirectory(), extraArguments);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                if (await server.TryStartAsync())
                    return server;
                if (attempt == 10)
                    throw new InvalidOperationException($"redis-server did not start. Its output:\n{server.Log}");
                server.Port = FreePort.Tcp();
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts a stopped or killed server again on the same port and directory; after a kill as every deployment of ours does it: it loads its data twice,
    /// see docs/decisions/0014.
    /// </summary>
    public async Task StartAgainAsync()
    {
        Own();
        if (wasKilled)
            await CutUnfinishedTransactionAsync();
        string log = "";
        await Wait.Until(
            async () =>
            {
                bool started = await TryStartAsync();
                log = Log;
                return started;
            },
            $"redis-server starts again on port {Port}");
    }

    /// <summary>SIGTERM and wait: writes what the AOF still owes.</summary>
    public async Task StopAsync()
    {
        Own();
        process!.Resume();
        process.Terminate();
        await process.ExitAsync();
    }

    /// <summary>SIGKILL: what was not yet written to the AOF is lost.</summary>
    public async Task KillAsync()
    {
        Own();
        process!.Kill();
        await process.ExitAsync();
        wasKilled = true;
    }

    /// <summary><see cref="KillAsync"/> or <see cref="StopAsync"/>, then <see cref="StartAgainAsync"/>.</summary>
    public async Task RestartAsync(bool kill = false)
    {
        await (kill ? KillAsync() : StopAsync());
        await StartAgainAsync();
    }

    /// <summary>SIGSTOP: the port accepts connections but nothing answers.</summary>
    public void Pause()
    {
        Own();
        process!.Pause();
    }

    /// <summary>SIGCONT.</summary>
    public void Resume()
    {
        Own();
        process!.Resume();
    }

    /// <summary>A new connection that the server closes on dispose. Admin commands are allowed.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null)
    {
        var options = new ConfigurationOptions { EndPoints = { { Host, Port } }, AllowAdmin = true };
        configure?.Invoke(options);
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        lock (connections)
            connections.Add(connection);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ConnectionMultiplexer connection in connections)
            await connection.DisposeAsync();
        if (process is not null)
            await process.DisposeAsync();
        directory?.Dispose();
    }

    private TempDirectory Own() =>
        directory ?? throw new InvalidOperationException($"The server of {SharedVariable} is shared; start one with ownProcess: true.");

    private async Task<bool> TryStartAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
        process = Run(extraArguments);
        await Wait.Until(async () => process.HasExited || await AnswersAsync(), "redis-server answers");
        return !process.HasExited;
    }

    private async Task CutUnfinishedTransactionAsync()
    {
        await using ChildProcess loading = Run([.. extraArguments, "--port", "0", "--cluster-enabled", "no", "--unixsocket", "unfinished.sock"]);
        await Wait.Until(() => loading.HasExited || loading.Output.Contains("ready to accept connections", StringComparison.OrdinalIgnoreCase), "redis-server has loaded its data");
        loading.Terminate();
        await loading.ExitAsync();
        wasKilled = false;
    }

    private ChildProcess Run(string[] moreArguments) => ChildProcess.Start(
        Executable.Find("redis-server", "redis-server"),
        [
            "--port", $"{Port}", "--bind", Host, "--dir", DataDirectory, "--daemonize", "no", "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", .. moreArguments,
        ]);

    /// <summary>True when our own process answers: another server may have taken the port first.</summary>
    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient { SendTimeout = 1000, ReceiveTimeout = 1000 };
            await client.ConnectAsync(Host, Port);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("PING\r\nINFO server\r\n"u8.ToArray());
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            var answer = new StringBuilder();
            byte[] buffer = new byte[8192];
            while (!answer.ToString().Contains("\r\nhz:", StringComparison.Ordinal))
            {
                int count = await stream.ReadAsync(buffer, timeout.Token);
                if (count == 0)
                    return false;
                answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
                if (answer[0] == '-')
                    return answer.ToString().StartsWith("-NOAUTH", StringComparison.Ordinal);
            }

            return answer.ToString().Contains($"process_id:{ProcessId}\r\n", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
