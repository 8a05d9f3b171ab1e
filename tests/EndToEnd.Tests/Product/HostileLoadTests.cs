using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>
/// Idle connections, failed TLS handshakes and a flooding source, all at once, on the collector's own executable: another sender's line stands in the log within
/// a second, and memory is bounded. WGMONITOR_IDLE_CONNECTIONS sets the connections (make hostile-test: 10,000), each of which takes a file here and one there.
/// </summary>
public sealed class HostileLoadTests(ITestOutputHelper output) : IDisposable
{
    private const int Handshakes = 1000;
    private const int HandshakesAtOnce = 16;
    private const int Lines = 20;
    private const int ResidentMebibytesMax = 256;

    private static readonly bool IsCampaign = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_IDLE_CONNECTIONS"), out campaignIdle);

    // Seconds are asked for where nothing else runs on the machine; beside the other tests only that the line comes.
    private static readonly TimeSpan SeenWithin = IsCampaign ? TimeSpan.FromSeconds(1) : Wait.LimitDefault;
    private static readonly int Idle = IsCampaign ? campaignIdle : 1000;
    private static int campaignIdle;

    private static readonly int FloodedMin = Idle * 50;

    private readonly TempDirectory files = new();
    private readonly TestAuthority authority = new();
    private readonly int udp = FreePort.Udp();
    private readonly int tcp = FreePort.Tcp();
    private readonly int tls = FreePort.Tcp();
    private readonly int metrics = FreePort.Tcp();
    private long flooded;

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private void Configure(RedisServer redis) => files.Write("config.toml", $"""
        [redis]
        url = "redis://{redis.Address}"
        [metrics]
        address = "127.0.0.1:{metrics}"
        [collector]
        connections_max = {Idle + 100}
        connections_per_source_max = {Idle + 100}
        [[collector.listen]]
        protocol = "udp"
        address = "127.0.0.1:{udp}"
        [[collector.listen]]
        protocol = "tcp"
        address = "127.0.0.1:{tcp}"
        # Held open by all means.
        frame_timeout = "1h"
        [[collector.listen]]
        protocol = "tls"
        address = "127.0.0.1:{tls}"
        handshake_timeout = "5m"
        certificate = "{files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()))}"
        client_certificate = "require"
        client_ca = "{files.Write("ca.pem", authority.Pem)}"
        """);

    [Fact]
    public async Task Another_senders_line_is_in_the_log_soon_and_memory_is_bounded()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        Configure(redis);
        await using var collector = WgMonitorProgram.Start(files.Path, ["--config", "config.toml"], new Dictionary<string, string?> { ["LOG_LEVEL"] = "error" }, "wgmonitor-collector");
        await Wait.Until(async () => await ScrapeAsync() is not null, $"the collector runs: {collector.Output}");
        await using var connection = await redis.ConnectAsync();
        using var end = new CancellationTokenSource();

        var idle = await OpenAsync();
        await Wait.Until(async () => await SumAsync("wgmonitor_collector_connections_open") >= Idle, "all connections are open");
        await using var sender = await StreamSender.ConnectAsync(new(IPAddress.Loopback, tcp));
        var flooding = Task.Run(() => Flood(end.Token));
        var handshakes = FailHandshakesAsync();
        await Wait.Until(async () => await SumAsync("wgmonitor_collector_dropped_total") > 0, "the flood is more than one source may send");
        // A host first heard of now: the flood's invented hosts take up what one source may bring, not what there is room for.
        await Wait.Until(async () => await SumAsync("wgmonitor_collector_cardinality_refused_total", "\"hosts_per_source\"") > 0, "the flood has invented as many hosts as it may");

        var slowest = TimeSpan.Zero;
        for (var number = 1; number <= Lines; number++)
        {
            if (await LineSeenAsync(sender, connection, number) is var took && took > slowest) slowest = took;
        }
        await handshakes;
        await Wait.Until(async () => await SumAsync("wgmonitor_collector_connections_closed_total", "tls_") >= Handshakes, "all handshakes have failed");
        // What grows with a flood shows only after a while.
        await Wait.Until(() => Volatile.Read(ref flooded) >= FloodedMin, "the flood was long enough", TimeSpan.FromMinutes(2));
        await end.CancelAsync();
        await flooding;

        var (now, peak) = (Resident(collector.Id, "VmRSS"), Resident(collector.Id, "VmHWM"));
        output.WriteLine($"{Idle} idle connections, {Handshakes} failed handshakes, {flooded} datagrams of one source; slowest of {Lines} lines {slowest.TotalMilliseconds:0} ms; {now} MiB resident, {peak} MiB at most");
        Assert.InRange(peak, 1, ResidentMebibytesMax);
        // And the sender's own.
        await Wait.Until(async () => await SumAsync("wgmonitor_collector_connections_open") == Idle + 1, "none of the idle connections is gone, and all others are");
        var sides = new[] { "events", "ignored", "rejected", "dropped" };
        var scrape = (await ScrapeAsync())!;
        Assert.Equal(Sum(scrape, "wgmonitor_collector_lines_received_total"), sides.Sum(side => Sum(scrape, $"wgmonitor_collector_{side}_total")));
        foreach (var socket in idle) socket.Dispose();
    }

    private static async Task<TimeSpan> LineSeenAsync(StreamSender sender, ConnectionMultiplexer redis, int number)
    {
        var start = Stopwatch.GetTimestamp();
        await sender.SendAsync($"<7>Nov 22 12:00:00 quiet-01 kernel: wireguard: wg0: Keypair {number} created for peer 17\n");
        await Wait.Until(() => IsInLogAsync(redis, number), $"line {number} of another sender stands in the log", SeenWithin);
        return Stopwatch.GetElapsedTime(start);
    }

    private async Task<List<Socket>> OpenAsync()
    {
        var sockets = new List<Socket>();
        for (var n = 0; n < Idle; n++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            // A third each in front of a handshake, in the middle of a line, and silent.
            await socket.ConnectAsync(IPAddress.Loopback, n % 3 == 0 ? tls : tcp);
            if (n % 3 == 1) await socket.SendAsync("<7>Nov 22 12:00:00 slow-01 kernel: wire"u8.ToArray());
        }
        return sockets;
    }

    /// <summary>Half of them speak no TLS, half have no certificate.</summary>
    private Task FailHandshakesAsync() => Parallel.ForEachAsync(Enumerable.Range(0, Handshakes), new ParallelOptions { MaxDegreeOfParallelism = HandshakesAtOnce }, async (number, _) =>
    {
        var receiver = new IPEndPoint(IPAddress.Loopback, tls);
        try
        {
            if (number % 2 == 0)
            {
                await using var garbage = await StreamSender.ConnectAsync(receiver);
                await garbage.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                await garbage.ReadToEndAsync();
                return;
            }
            await using var bare = await StreamSender.ConnectAsync(receiver, new SslClientAuthenticationOptions { TargetHost = "collector", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null });
            await bare.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            // TLS 1.2 says so in the handshake, 1.3 with the first read.
        }
    });

    /// <summary>As fast as it goes: lines of ever new hosts and peers, and garbage.</summary>
    private void Flood(CancellationToken end)
    {
        using var sender = new SyslogSender(new IPEndPoint(IPAddress.Loopback, udp), IPAddress.Parse("127.0.0.2"));
        var random = new Random(Seed.Print());
        var garbage = new byte[1400];
        for (var sent = 0; !end.IsCancellationRequested; sent++)
        {
            Volatile.Write(ref flooded, sent);
            if (sent % 4 == 0) random.NextBytes(garbage);
            if (sent % 4 == 0) sender.Send(garbage);
            else sender.Send(Encoding.ASCII.GetBytes($"<7>Nov 22 12:00:00 host-{random.Next()} kernel: wireguard: wg{random.Next(100)}: Peer {random.Next()} created"));
        }
    }

    private static async Task<bool> IsInLogAsync(ConnectionMultiplexer redis, int keypair)
    {
        var keys = new StreamKeys("wgmonitor");
        var partition = Partitioner.PartitionOf("quiet-01"u8, new StreamOptions().Partitions);
        var last = await redis.GetDatabase().StreamRangeAsync(keys.Events(partition), count: 500, messageOrder: Order.Descending);
        return last.Any(entry => entry["host"] == "quiet-01" && entry["keypair"] == keypair);
    }

    private async Task<string[]?> ScrapeAsync()
    {
        try
        {
            using var http = new HttpClient();
            return (await http.GetStringAsync(new Uri($"http://127.0.0.1:{metrics}/metrics"))).Split('\n');
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<double> SumAsync(string metric, string label = "") => Sum((await ScrapeAsync())!, metric, label);

    private static double Sum(string[] scrape, string metric, string label = "") => scrape
        .Where(line => (line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal)) && line.Contains(label, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>MiB of a process, proc_pid_status(5).</summary>
    private static int Resident(int process, string field) =>
        int.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
