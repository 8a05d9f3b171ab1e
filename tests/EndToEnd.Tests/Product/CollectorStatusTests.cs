using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What <c>/api/v1/status</c> makes of what collectors say of themselves.</summary>
public sealed class CollectorStatusTests
{
    private static readonly Dictionary<string, long> None = [];

    private static CollectorStatus Status(string id, CollectorLines lines, long socketDrops = 0) => new(
        id, "gw", 1_795_348_800_000_000, 1_795_348_805_000_000, lines, [new("udp", "0.0.0.0:9999", socketDrops)], null, "memory", null,
        [new("rejected", "grammar", "198.51.100.7:514", 1_795_348_804_000_000, "<7>\\x1b[31m<script>")]);

    private static CollectorLines Lines(long received = 0, Dictionary<string, long>? dropped = null, Dictionary<string, long>? limits = null, long lost = 0, long claimed = 0, long unrecognized = 0) =>
        new(received, received, None, None, dropped ?? None, limits ?? None, received - lost, 0, lost, 0, claimed, unrecognized);

    private static Task<(string[] Warnings, string Raw)> ReadAsync(params CollectorStatus[] collectors) => ReadAsync("collector", collectors);

    /// <param name="word">Of the warnings that are meant.</param>
    /// <param name="collectors">What they say.</param>
    private static async Task<(string[] Warnings, string Raw)> ReadAsync(string word, params CollectorStatus[] collectors)
    {
        await using var api = await ApiHost.StartAsync("");
        await using var connection = await api.Redis.ConnectAsync();
        var store = new CollectorStatusStore(connection, new(new StreamKeys("wgmonitor")));
        foreach (var collector in collectors) await store.WriteAsync(collector, TimeSpan.FromMinutes(1), default);
        var status = await api.GetAsync("/api/v1/status");
        Assert.Equal(collectors.Length, status.GetProperty("collectors").GetArrayLength());
        string[] warnings = [.. status.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).Where(warning => warning.Contains(word, StringComparison.Ordinal))];
        return (warnings, status.GetProperty("collectors").GetRawText());
    }

    [Fact]
    public async Task A_collector_that_lost_nothing_is_shown_without_a_warning()
    {
        var (warnings, raw) = await ReadAsync(Status("a", Lines(5)), Status("b", Lines(7)));

        Assert.Empty(warnings);
        Assert.Contains("\"started\":\"2026-11-22T12:00:00+00:00\",\"written\":\"2026-11-22T12:00:05+00:00\",\"durability\":\"memory\",\"loss_window\":\"what Redis does not have yet when the collector is killed; a second when Redis is\",\"lines\":{\"received\":5,\"events\":5,", raw);
        Assert.Contains("\"kind\":\"rejected\",\"reason\":\"grammar\",\"source\":\"198.51.100.7:514\"", raw);
        Assert.DoesNotContain('<', raw);
    }

    [Fact]
    public async Task Whatever_was_lost_is_a_warning_that_says_how_much_and_why()
    {
        var lines = Lines(90, new() { ["cardinality"] = 3, ["rate_limited"] = 5 }, new() { ["hosts"] = 1, ["new_peers"] = 2 }, lost: 4, claimed: 6, unrecognized: 7);

        var (warnings, _) = await ReadAsync(Status("a", lines, socketDrops: 8));

        Assert.Equal(
            [
                "collector a on gw: lines were dropped: rate_limited 5, cardinality 3; by limit: new_peers 2, hosts 1",
                "collector a on gw: 4 events were lost before they were appended",
                "collector a on gw: socket drops: the kernel threw away 8 datagrams at udp 0.0.0.0:9999. Raise receive_buffer_bytes and net.core.rmem_max, or send over TCP",
                "collector a on gw: unknown wording seen in 7 WireGuard lines: look at the samples, and report them",
                "collector a on gw: 6 lines name another host than the one they were taken for: look at claimed_host in the events",
            ],
            warnings);
    }

    [Fact]
    public async Task A_spool_in_trouble_is_a_warning()
    {
        var spool = new CollectorSpoolStatus(1, 100, 100, 1, 4, 60, DamagedRecords: 2, DroppedEvents: 3, WriteFailures: 5, Writable: false, Full: true);

        var (warnings, raw) = await ReadAsync(Status("a", Lines(5)) with { Durability = "disk", Spool = spool });

        Assert.Equal(
            [
                "collector a on gw: the disk refuses what is spooled, lines are only as safe as in memory: look at its free space and health",
                "collector a on gw: the spool is full: Redis is away or too slow, or collector.spool.bytes_max is too small",
                "collector a on gw: 3 spooled events were given up",
                "collector a on gw: 2 records of the spool were damaged and skipped",
            ],
            warnings);
        Assert.Contains("\"loss_window\":\"the last milliseconds when the collector is killed;", raw);
    }

    [Fact]
    public async Task Senders_that_are_turned_away_are_a_warning_with_the_next_step()
    {
        const long Ended = 1_795_348_804_000_000;
        var connections = new CollectorConnections(9, 1, new Dictionary<string, long> { ["peer"] = 6, ["tls_certificate_time"] = 2 }, [new("tls_certificate_time", "tls", "0.0.0.0:6514", "198.51.100.7:40000", Ended, "CN=\\x1b[31m<script>")]);

        var (warnings, raw) = await ReadAsync("TLS", Status("a", Lines(5)) with { Connections = connections });

        Assert.Equal(
            ["TLS handshakes fail: the client certificate, or one above it, is expired or not yet valid: 2 connections, the last from 198.51.100.7:40000 to tls 0.0.0.0:6514: CN=\\x1b[31m<script>. Renew it on the sender, and look at the clocks on both sides."],
            warnings);
        Assert.Contains("\"connections\":{\"accepted\":9,\"open\":1,\"closed\":{\"peer\":6,\"tls_certificate_time\":2},\"last\":[{\"reason\":\"tls_certificate_time\",\"protocol\":\"tls\",", raw);
        Assert.DoesNotContain('<', raw);
    }

    [Fact]
    public async Task No_collector_at_all_is_a_warning() => Assert.Equal(["no collector has written its status lately: start one, or look at its log"], (await ReadAsync()).Warnings);
}
