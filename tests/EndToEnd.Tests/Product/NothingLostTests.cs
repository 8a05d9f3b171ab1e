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
        await Task.WhenAll(rsyslog.WriteAsync(NumberedLog.Lines(0, Sent)), faults.RunAsync(Sent, kill: true));
        await Wait.Until(async () => await product.EntriesAsync() >= Sent, $"all lines arrive; rsyslogd says: {rsyslog.Log}", Limit);
        await rsyslog.StopAsync();
        await product.AppendedSettledAsync();

        var log = await NumberedLog.ReadAsync(product, Sent);
        Tell($"{Sent} lines, {faults}: {log}; repetitions recognized since the last start: {await product.Collector.MetricAsync("wgmonitor_collector_ignored_total")}");
        Assert.Empty(log.Missing.Take(10));
        Assert.Empty(log.Doubled.Take(10));
        Assert.Equal(0, log.Disordered);
    }

    public void Dispose() => directory.Dispose();
}
