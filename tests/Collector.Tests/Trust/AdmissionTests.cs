using System.Text;
using WgMonitor.Events;
using Xunit;
using static WgMonitor.Collector.LineOutcome;

namespace WgMonitor.Collector.Tests.Trust;

/// <summary>Who may send, who a line is taken for, and whom it may name: through the whole pipeline.</summary>
public class AdmissionTests
{
    private const string Body = "[12345.678901] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)";

    private static readonly FrameSource Certified = TestPipeline.Source with { Trust = TrustLevel.TlsClientCert, CertificateHost = "vpn-02"u8.ToArray() };

    private static FrameSource From(string address) => InternetAddress.TryParse(Encoding.ASCII.GetBytes(address), out var parsed) ? new(parsed, 514) : throw new FormatException(address);

    [Fact]
    public void A_source_outside_the_list_is_dropped_unread()
    {
        var pipeline = new TestPipeline(new() { Allow = ["192.0.2.0/24", "2001:db8::/32"] });
        var line = TestPipeline.Bytes(TestPipeline.L0);

        Assert.Equal(Event, pipeline.Accept(line, source: From("192.0.2.9")));
        Assert.Equal(Event, pipeline.Accept(line, source: From("2001:db8::9")));
        Assert.Equal(DroppedSourceNotAllowed, pipeline.Accept(line, source: From("198.51.100.9")));
        Assert.Equal(DroppedSourceNotAllowed, pipeline.Accept("<999>garbage"u8, source: From("2001:db9::9")));
        pipeline.Pipeline.Refuse(RejectedOversize, line, TestPipeline.Received, From("198.51.100.9"));
        pipeline.Pipeline.Refuse(RejectedOversize, line, TestPipeline.Received, From("192.0.2.9"));

        Assert.Equal(3, pipeline.Counts().Of(DroppedSourceNotAllowed));
        Assert.Equal(1, pipeline.Counts().Of(RejectedOversize));
        HostileInputTests.AssertSum(pipeline.Counts());
    }

    [Fact]
    public void A_flooding_source_is_held_to_its_rate_and_another_is_not()
    {
        var pipeline = new TestPipeline(new() { Limits = new() { SourceLinesPerSecond = 100, SourceLinesBurst = 500 } });
        var line = TestPipeline.Bytes(TestPipeline.L0);

        for (var n = 0; n < 2000; n++) pipeline.Accept(line);
        Assert.Equal(1500, pipeline.Counts().Of(DroppedRateLimited));
        Assert.Equal(Event, pipeline.Accept(line, source: From("198.51.100.8")));
        Assert.Equal(Event, pipeline.Accept(line, TestPipeline.Received + 1_000_000));
        HostileInputTests.AssertSum(pipeline.Counts());
    }

    [Fact]
    public void A_stream_is_slowed_down_by_its_transport_and_loses_nothing_to_the_rate()
    {
        var pipeline = new TestPipeline(new() { Limits = new() { SourceLinesPerSecond = 1, SourceLinesBurst = 1 } });

        for (var n = 0; n < 2000; n++)
            Assert.Equal(Event, pipeline.Accept(TestPipeline.Bytes(TestPipeline.L0), source: TestPipeline.Source with { Trust = TrustLevel.Tcp }));
    }

    [Fact]
    public void A_line_that_is_offered_again_is_paid_for_once()
    {
        var pipeline = new TestPipeline(new() { BatchEventsMax = 1, BufferEventsMax = 1, Limits = new() { SourceLinesPerSecond = 1, SourceLinesBurst = 2 } });
        var line = TestPipeline.Bytes(TestPipeline.L0);
        Assert.Equal(Event, pipeline.Accept(line));

        for (var n = 0; n < 10; n++) Assert.False(pipeline.Pipeline.TryAccept(line, TestPipeline.Received, TestPipeline.Source, out _, out _));
        for (var partition = 0; partition < pipeline.Buffer.PartitionCount; partition++)
        {
            while (pipeline.Buffer.Take(partition) is { } batch) pipeline.Buffer.Settle(batch);
        }

        Assert.True(pipeline.Pipeline.TryAccept(line, TestPipeline.Received, TestPipeline.Source, out var outcome, out _));
        Assert.Equal(Event, outcome);
        Assert.Equal(2, pipeline.Counts().Received);
    }

    [Theory]
    [InlineData(HostFrom.Certificate, "vpn-01", "vpn-01", "", "vpn-02", "vpn-01")]
    [InlineData(HostFrom.Certificate, "VPN-02", "vpn-02", "", "vpn-02", "")]
    [InlineData(HostFrom.Certificate, "-", "198.51.100.7", "", "vpn-02", "")]
    [InlineData(HostFrom.Header, "vpn-01", "vpn-01", "", "vpn-01", "")]
    [InlineData(HostFrom.Header, "-", "198.51.100.7", "", "vpn-02", "")]
    [InlineData(HostFrom.Source, "vpn-01", "198.51.100.7", "vpn-01", "198.51.100.7", "vpn-01")]
    [InlineData(HostFrom.Source, "router#1", "198.51.100.7", "router#1", "198.51.100.7", "router#1")]
    public void H75_the_host_of_a_line_and_what_it_claims(HostFrom hostFrom, string header, string host, string claimed, string certifiedHost, string certifiedClaimed)
    {
        var line = TestPipeline.Bytes($"<7>Nov 22 12:00:00 {header} kernel: {Body}");

        var plain = new TestPipeline().Read(line, source: TestPipeline.Source with { HostFrom = hostFrom }).Fields;
        var certified = new TestPipeline().Read(line, source: Certified with { HostFrom = hostFrom }).Fields;

        Assert.Equal((host, claimed, ""), (plain["host"], plain.GetValueOrDefault("claimed_host", ""), plain["trust"]));
        Assert.Equal((certifiedHost, certifiedClaimed, "cert"), (certified["host"], certified.GetValueOrDefault("claimed_host", ""), certified["trust"]));
    }

    [Fact]
    public void A_claimed_host_is_escaped_cut_and_counted()
    {
        var pipeline = new TestPipeline();
        var source = TestPipeline.Source with { HostFrom = HostFrom.Source };
        var escaped = pipeline.Read(TestPipeline.Bytes($"<7>Nov 22 12:00:00 vpn\u00ff kernel: {Body}"), source: source);
        var cut = pipeline.Read(TestPipeline.Bytes($"<7>Nov 22 12:00:00 {new string('a', 10_000)} kernel: {Body}"), source: source);
        pipeline.Accept(TestPipeline.Bytes(TestPipeline.L0), source: source);
        pipeline.Accept(TestPipeline.Bytes(TestPipeline.L0));

        Assert.Equal("vpn\\xff", escaped.Fields["claimed_host"]);
        Assert.Equal(new string('a', 255), cut.Fields["claimed_host"]);
        Assert.Equal(1, pipeline.Counts().ClaimedHosts);
    }

    [Fact]
    public void A_relay_whose_word_is_not_trusted_claims_a_host()
    {
        var read = new TestPipeline().Read($"<7>Nov 22 12:00:00 Message forwarded from vpn-01: kernel: {Body}");

        Assert.Equal(("198.51.100.7", "vpn-01"), (read.Fields["host"], read.Fields["claimed_host"]));
    }

    [Fact]
    public void A_strict_inventory_takes_only_what_it_lists()
    {
        var pipeline = new TestPipeline(new()
        {
            Inventory = InventoryMode.Strict,
            StripDomains = ["example.org"],
            Host = [new() { Name = "VPN-01.example.org", Interfaces = ["wg0"] }, new() { Name = "vpn-02" }, new() { Name = "2001:DB8::1" }],
        });
        LineOutcome Accept(string host, string text) => pipeline.Accept(TestPipeline.Bytes($"<7>Nov 22 12:00:00 {host} kernel: {text}"));

        Assert.Equal(Event, Accept("vpn-01", "wireguard: wg0: Peer 1 created"));
        Assert.Equal(Event, Accept("vpn-01", "net_ratelimit: 4 callbacks suppressed"));
        Assert.Equal(DroppedInventory, Accept("vpn-01", "wireguard: wg1: Peer 1 created"));
        Assert.Equal(Event, Accept("vpn-02", "wireguard: wg1: Peer 1 created"));
        Assert.Equal(Event, Accept("2001:db8::1", "wireguard: wg1: Peer 1 created"));
        Assert.Equal(DroppedInventory, Accept("vpn-03", "wireguard: wg0: Peer 1 created"));
        Assert.Equal(DroppedInventory, Accept("vpn-03", "net_ratelimit: 4 callbacks suppressed"));
        HostileInputTests.AssertSum(pipeline.Counts());
    }

    [Fact]
    public void What_is_too_much_is_dropped_and_counted_by_its_limit()
    {
        var pipeline = new TestPipeline(new() { Limits = new() { SourceLinesPerSecond = 0, PeersPerInterfaceMax = 10, HostsMax = 2 } });
        for (var peer = 0; peer < 50; peer++) pipeline.Accept(TestPipeline.Bytes($"<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Peer {peer} created"));
        for (var host = 0; host < 50; host++) pipeline.Accept(TestPipeline.Bytes($"<7>Nov 22 12:00:00 vpn-{host} kernel: wireguard: wg0: Interface created"));

        var counts = pipeline.Counts();
        Assert.Equal(40 + 49, counts.Of(DroppedCardinality));
        Assert.Equal(40, counts.Of(Collector.Trust.CardinalityLimit.PeersPerInterface));
        Assert.Equal(49, counts.Of(Collector.Trust.CardinalityLimit.Hosts));
        HostileInputTests.AssertSum(counts);
    }

    [Fact]
    public async Task The_sum_holds_while_many_threads_meet_every_limit()
    {
        var pipeline = new TestPipeline(new()
        {
            Allow = ["198.51.100.0/24"],
            BufferEventsMax = 2000,
            Limits = new() { SourceLinesPerSecond = 10, SourceLinesBurst = 500, HostsMax = 3, PeersPerInterfaceMax = 5 },
        });
        var senders = Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var n = 0; n < 5000; n++)
            {
                var source = new FrameSource(InternetAddress.FromV4((uint)(n % 5 == 0 ? 0x01010101 : 0xc6336400 + (n + thread) % 20)), 514);
                var line = TestPipeline.Bytes(n % 7 == 0 ? "<999>" : $"<7>Nov 22 12:00:00 vpn-{n % 6} kernel: wireguard: wg0: Peer {n % 9} created");
                if (n % 11 == 0) pipeline.Pipeline.TryAccept(line, TestPipeline.Received, source, out _, out _);
                else pipeline.Accept(line, source: source);
            }
        })).ToList();

        var counts = new LineCounts();
        while (!senders.TrueForAll(sender => sender.IsCompleted))
        {
            pipeline.Pipeline.ReadCounts(counts);
            HostileInputTests.AssertSum(counts);
        }
        await Task.WhenAll(senders);

        counts = pipeline.Counts();
        HostileInputTests.AssertSum(counts);
        Assert.All([Event, RejectedPriority, DroppedSourceNotAllowed, DroppedRateLimited, DroppedCardinality], outcome => Assert.True(counts.Of(outcome) > 0, $"{outcome}"));
        Assert.Equal(counts.Of(DroppedCardinality), Collector.Trust.CardinalityLimits.All.Sum(counts.Of));
    }
}
