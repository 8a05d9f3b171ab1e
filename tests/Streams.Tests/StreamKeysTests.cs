using Xunit;

namespace WgMonitor.Streams.Tests;

public class StreamKeysTests
{
    private readonly StreamKeys keys = new("wgmonitor");

    [Fact]
    public void All_keys_of_a_partition_carry_its_hash_tag()
    {
        Assert.Equal("wgmonitor:{p3}:events", keys.Events(3));
        Assert.Equal("wgmonitor:{p3}:lease:projector", keys.Lease(3, "projector"));
        Assert.Equal("wgmonitor:{p3}:checkpoint:projector", keys.Checkpoint(3, "projector"));
        Assert.Equal("wgmonitor:{p3}:producer:c1", keys.ProducerMark(3, "c1"));
        Assert.Equal("wgmonitor:{p3}:alerts", keys.Alerts(3));
        Assert.Equal("wgmonitor:{p3}:wake", keys.Wake(3));
        Assert.Equal("wgmonitor:{p3}:peer:x", keys.InPartition(3, "peer:x"));
        Assert.Equal("wgmonitor:meta", keys.Meta);
        Assert.Equal("wgmonitor:members:projector", keys.Members("projector"));
        Assert.Equal(["p03", "p12", "p255"], new[] { 3, 12, 255 }.Select(StreamKeys.Slot));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a{b}")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void A_prefix_that_would_move_keys_is_refused(string prefix) => Assert.Throws<ArgumentException>(() => new StreamKeys(prefix));

    // The numbers were computed once and must never change: a running log would find a host's events in two partitions.
    [Theory]
    [InlineData("", 8, 3)]
    [InlineData("vpn-01", 8, 6)]
    [InlineData("vpn-02", 8, 7)]
    [InlineData("vpn-03.example.net", 8, 0)]
    [InlineData("VPN-01", 8, 5)]
    [InlineData("vpn-01", 256, 46)]
    [InlineData("wg-Ü", 7, 3)]
    [InlineData("vpn-01", 1, 0)]
    public void A_host_stays_in_its_partition(string host, int partitions, int expected) =>
        Assert.Equal(expected, Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes(host), partitions));

    [Fact]
    public void Hosts_spread_over_the_partitions()
    {
        var counts = new int[8];
        for (var i = 0; i < 8000; i++) counts[Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes($"vpn-{i:D2}"), 8)]++;

        Assert.All(counts, count => Assert.InRange(count, 900, 1100));
    }
}
