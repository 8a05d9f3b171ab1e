using System.Text;
using WgMonitor.ReadModel;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>The form in which wireguard-peer-monitoring stores a peer, written and read.</summary>
public sealed class LegacyPeerHashTests
{
    /// <summary>2026-11-22 13:00 UTC.</summary>
    private const long Latest = Told.Noon + 3600 * Microseconds.Second;

    private static string Said(string? ip, string? port, string? handshake, string? keepalive) =>
        LegacyPeerHash.TryDecode([ip, port, handshake, keepalive], Latest, out var endpoint, out var at, out var kept)
            ? $"{endpoint} {(at == 0 ? "never" : at - Told.Noon)} {(kept == 0 ? "never" : kept - Told.Noon)}"
            : "nothing";

    [Theory]
    [InlineData("203.0.113.5", "51820", "2026-11-22 12:00:01", "2026-11-22 12:00:02", "203.0.113.5:51820 1000000 2000000")]
    [InlineData("[2001:db8::1]", "51820/0%0", "2026-11-22 12:00:01", null, "[2001:db8::1]:51820 1000000 never")]
    [InlineData("2001:db8::1", "51820", "2026-11-22 12:00:01", null, "[2001:db8::1]:51820 1000000 never")]
    [InlineData("[fe80::1]", "51820/0%3", "2026-11-22 12:00:01", null, "[fe80::1%3]:51820 1000000 never")]
    [InlineData(null, null, null, "2026-11-22 12:00:02", " never 2000000")]
    [InlineData(null, null, null, null, "nothing")]
    [InlineData("203.0.113.5", null, "2026-11-22 12:00:01", null, "nothing")]
    [InlineData("203.0.113.5", "51820", null, null, "nothing")]
    [InlineData("203.0.113.5", "70000", "2026-11-22 12:00:01", null, "nothing")]
    [InlineData("vpn.example", "51820", "2026-11-22 12:00:01", null, "nothing")]
    [InlineData("203.0.113.5", "51820", "2026-11-22T12:00:01Z", null, "nothing")]
    [InlineData("203.0.113.5", "51820", "2026-11-22 13:00:01", null, "nothing")]
    [InlineData("203.0.113.5", "51820", "1969-11-22 13:00:01", null, "nothing")]
    [InlineData("203.0.113.5", "51820", "2026-11-22 12:00:01", "yesterday", "nothing")]
    [InlineData("", "", "2026-11-22 12:00:01", null, "nothing")]
    public void What_the_original_writes_is_read_and_nothing_else(string? ip, string? port, string? handshake, string? keepalive, string expected) =>
        Assert.Equal(expected, Said(ip, port, handshake, keepalive));

    [Theory]
    [InlineData("wireguard_peer:17", 17)]
    [InlineData("wireguard_peer:18446744073709551615", ulong.MaxValue)]
    [InlineData("wireguard_peer:0", 0)]
    [InlineData("wireguard_peer:017", 0)]
    [InlineData("wireguard_peer:+1", 0)]
    [InlineData("wireguard_peer:١", 0)]
    [InlineData("wireguard_peer:", 0)]
    [InlineData("wireguard_peers:1", 0)]
    public void A_key_holds_the_kernels_number(string key, ulong number) => Assert.Equal(number, LegacyPeerHash.TryNumber(key, out var read) ? read : 0);

    [Fact]
    public void What_is_written_is_read_back_to_the_second()
    {
        var told = new Told().Say(
            "[   10.500000] wireguard: wg0: Receiving handshake initiation from peer 7 ([2001:db8::1]:51820/0%0)", "[   10.500000] wireguard: wg0: Sending handshake response to peer 7 ([2001:db8::1]:51820/0%0)",
            "[   10.500000] wireguard: wg0: Keypair 1 created for peer 7", "[   11.700000] wireguard: wg0: Receiving keepalive packet from peer 7 ([2001:db8::1]:51820/0%0)");
        var (known, absent) = LegacyPeerHash.Encode(told.Peer(7));

        Assert.Empty(absent);
        Assert.Equal(["ip=2001:db8::1", "port=51820", "handshake=2026-11-22 12:00:11", "keepalive=2026-11-22 12:00:11"], known.Select(field => $"{Text(field.Name)}={Text(field.Value)}"));
        Assert.Equal("[2001:db8::1]:51820 11000000 11000000", Said("2001:db8::1", "51820", "2026-11-22 12:00:11", "2026-11-22 12:00:11"));
        Assert.Equal(LegacyPeerHash.FieldNames, LegacyPeerHash.Encode(new PeerState { Id = new PeerId(1, 1), Interface = "wg0" }).Absent.Select(Text));
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
