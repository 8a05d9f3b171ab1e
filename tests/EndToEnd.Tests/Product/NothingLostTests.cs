using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>
/// A real rsyslogd with a disk queue sends numbered lines while the collector is killed again and again, and Redis is stopped, killed, frozen, made a
/// replica and filled up in between. A small run by default; <c>make nothing-lost</c> asks for the full one.
/// </summary>
public sealed class NothingLostTests : IDisposable
{
    private static readonly int Sent = Setting("WGMONITOR_NOTHING_LOST_LINES", 20_000);
    private static readonly int Kills = Setting("WGMONITOR_NOTHING_LOST_KILLS", 5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60 + Sent / 500);

    // The default of a TCP socket's receive buffer, what the kernel lets it grow to within a moment, and the collector's own; lines have about 130 bytes.
    private const int SocketLinesMax = (6 << 20) / 130;

    // Lines of several partitions that were not equally far at a kill: a batch of each.
    private const int BufferedLinesMax = 4096;

    private readonly TempDirectory directory = new();

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;

    private static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private string Collector(string protocol, int port, string durability) => $"""
        [collector.spool]
        durability = "{durability}"
        directory = "{directory.File("spool")}"
        [[collector.listen]]
        protocol = "{protocol}"
        address = "127.0.0.1:{port}"
        """;

    [Theory]
    [InlineData("disk")]
    [InlineData("fsync")]
    public async Task Every_line_over_relp_stands_in_the_log_once_and_in_order(string durability)
    {
        var random = new Random(Seed.Print());
        var port = FreePort.Tcp();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Collector("relp", port, durability), collectorOnly: true);
        await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp.WithDiskQueue());

        var faults = new Faults(product, random, Kills);
        await faults.RunAsync(Sent, (from, count) => rsyslog.WriteAsync(NumberedLog.Lines(from, count)));
        await Wait.Until(async () => await product.EntriesAsync() >= Sent, $"all lines arrive; rsyslogd says: {rsyslog.Log}", Limit);
        await rsyslog.StopAsync();
        await product.AppendedSettledAsync();

        var log = await NumberedLog.ReadAsync(product, Sent);
        Tell($"{Sent} lines, {faults}: {log}; {faults.Repeated} repetitions recognized");
        Assert.Empty(log.Missing.Take(10));
        Assert.Empty(log.Doubled.Take(10));
        Assert.Equal(0, log.Disordered);
    }

    /// <summary>
    /// TCP acknowledges nothing to the program that sends: what the sockets held when the collector died is lost. Each kill costs one run of lines at most, and
    /// not more of them than sockets hold.
    /// </summary>
    [Fact]
    public async Task Over_tcp_only_what_was_in_flight_at_a_kill_is_lost()
    {
        var random = new Random(Seed.Print());
        var port = FreePort.Tcp();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Collector("tcp", port, "disk"), collectorOnly: true);
        await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.TcpCounted.WithDiskQueue());

        var faults = new Faults(product, random, Kills);
        await faults.RunAsync(Sent, (from, count) => rsyslog.WriteAsync(NumberedLog.Lines(from, count)));
        await rsyslog.WriteAsync(NumberedLog.Lines(Sent, 1));
        // One connection, one queue: the last line comes last.
        NumberedLog? log = null;
        await Wait.Until(async () => await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total") > 0
            && !(log = await NumberedLog.ReadAsync(product, Sent + 1)).Missing.Contains(Sent), $"the last line arrives; rsyslogd says: {rsyslog.Log}", Limit);
        await rsyslog.StopAsync();
        await product.AppendedSettledAsync();

        log = await NumberedLog.ReadAsync(product, Sent + 1);
        var runs = log.MissingRuns(gap: BufferedLinesMax);
        Tell($"{Sent} lines, {faults}: {log}; in {runs} runs");
        Assert.InRange(runs, 0, Kills);
        Assert.InRange(log.Missing.Count, 0, Kills * SocketLinesMax);
    }

    /// <summary>At a rate at which nothing is lost when all is well, nothing is lost either while Redis is away, and nothing at all when the collector lives.</summary>
    [Fact]
    public async Task Over_udp_nothing_is_lost_whatever_befalls_redis()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Collector("relp", FreePort.Tcp(), "disk"), collectorOnly: true);
        using var sender = new SyslogSender(product.SyslogPort);

        var faults = new Faults(product, random, Kills);
        await faults.RunAsync(Sent, (from, count) => sender.SendAsync(NumberedLog.Lines(from, count), Pace.Messages(10_000)), kill: false);
        await Wait.Until(async () => await product.EntriesAsync() >= Sent, "all lines arrive", Limit);
        await product.AppendedSettledAsync();

        var log = await NumberedLog.ReadAsync(product, Sent);
        Tell($"{Sent} lines, {faults}: {log}");
        Assert.Equal((0, 0, 0), (log.Missing.Count, log.Doubled.Count, log.Disordered));
    }

    public void Dispose() => directory.Dispose();
}
