using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using WgMonitor.Testing;

namespace WgMonitor.EndToEnd.Tests.Up;

/// <summary>A <c>wgmonitor up</c> on free ports that is ready to work.</summary>
internal sealed partial class RunningUp : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private RunningUp(ChildProcess process, Uri health, Uri peers, int syslogPort) => (Process, Health, Peers, SyslogPort) = (process, health, peers, syslogPort);

    public ChildProcess Process { get; }

    /// <summary>Its <c>/readyz</c>.</summary>
    public Uri Health { get; }

    /// <summary>Its list of peers.</summary>
    public Uri Peers { get; }

    /// <summary>UDP, on loopback.</summary>
    public int SyslogPort { get; }

    /// <summary>Process number of its last started redis-server, as it logged it.</summary>
    public int RedisProcessId => int.Parse(RedisStarted().Matches(Process.StandardOutput)[^1].Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    /// <summary>Starts it with the data directory <c>data</c> in the working directory, unless other arguments are given.</summary>
    public static async Task<RunningUp> StartAsync(TempDirectory directory, IReadOnlyDictionary<string, string?>? environment = null, params string[] arguments)
    {
        var all = new Dictionary<string, string?>
        {
            ["WGMONITOR__METRICS__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__API__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = "127.0.0.1:0",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) all[name] = value;
        var process = WgMonitorProgram.Start(directory.Path, ["up", .. arguments], all);
        try
        {
            await process.OutputHas("stop      Ctrl-C");
            // The banner and the log are two streams; either may be read first.
            await Wait.Until(() => SyslogLine().IsMatch(process.StandardOutput), "the log names the syslog listener");
            var up = new RunningUp(
                process, new(HealthLine().Match(process.StandardError).Groups[1].Value), new(ApiLine().Match(process.StandardError).Groups[1].Value),
                int.Parse(SyslogLine().Match(process.StandardOutput).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            await up.ReadyAsync();
            return up;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until <c>/readyz</c> says 200.</summary>
    public Task ReadyAsync() => Wait.Until(async () => await StatusAsync() == HttpStatusCode.OK, $"{Health} turns 200");

    public async Task<HttpStatusCode> StatusAsync()
    {
        using var answer = await Http.GetAsync(Health);
        return answer.StatusCode;
    }

    /// <summary>The JSON of the list of peers.</summary>
    public Task<string> ReadPeersAsync() => Http.GetStringAsync(Peers);

    /// <summary>Sends one line as rsyslog would and waits until it is an event of the log.</summary>
    public async Task SendOneEventAsync(string redisSocket)
    {
        var before = await CountEventsAsync(redisSocket);
        using var sender = new SyslogSender(SyslogPort);
        sender.Send("<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)"u8);
        await Wait.Until(async () => await CountEventsAsync(redisSocket) == before + 1, "the line becomes an event");
    }

    /// <summary>Events in all partitions of the log.</summary>
    public static async Task<long> CountEventsAsync(string redisSocket)
    {
        await using var redis = await ConnectAsync(redisSocket);
        long count = 0;
        for (var partition = 0; partition < 8; partition++) count += await redis.GetDatabase().StreamLengthAsync($"wgmonitor:{{p{partition}}}:events");
        return count;
    }

    public static async Task<ConnectionMultiplexer> ConnectAsync(string redisSocket) =>
        await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { new System.Net.Sockets.UnixDomainSocketEndPoint(redisSocket) }, AllowAdmin = true });

    /// <summary>True until the process is gone; a zombie is gone.</summary>
    public static bool Lives(int processId)
    {
        try
        {
            return !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    [GeneratedRegex(@"health +(http://\S+)")]
    private static partial Regex HealthLine();

    [GeneratedRegex(@"API +(http://\S+)")]
    private static partial Regex ApiLine();

    [GeneratedRegex(@"Listening for syslog on udp 127\.0\.0\.1:([0-9]+)")]
    private static partial Regex SyslogLine();

    [GeneratedRegex(@"runs as process ([0-9]+) with its data")]
    private static partial Regex RedisStarted();
}
