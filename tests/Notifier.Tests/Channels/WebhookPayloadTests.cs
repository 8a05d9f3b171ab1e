using System.Text;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using Xunit;

namespace WgMonitor.Notifier.Tests.Channels;

public class WebhookPayloadTests
{
    private static string Body(AlertRecord alert, string? publicUrl = null) =>
        Encoding.UTF8.GetString(WebhookPayload.Of(alert, publicUrl is null ? null : new Uri(publicUrl)));

    [Fact]
    public void A_moved_peer() => Assert.Equal(
        """
        {"type":"peer.endpoint_changed","timestamp":"2025-11-22T14:10:29.123456Z","data":{"alert_id":"e79bb3d02976325df4ad7f74942865a6","rule":"endpoint-changed","summary":"Peer vpn-01/1/17 on wg0 moved from 203.0.113.5:51820 to 198.51.100.7:40000.","advice":"An authenticated packet of the peer came from the new endpoint. The line came over UDP: nothing proves who sent it. Expected when a device changes its network; if its owner did not, treat the peer's key as leaked and replace it.","peer":{"id":"vpn-01/1/17","host":"vpn-01","epoch":1,"peer":17,"interface":"wg0","name":null,"public_key":null},"old_endpoint":{"ip":"203.0.113.5","port":51820},"new_endpoint":{"ip":"198.51.100.7","port":40000},"change":"address","at":"2025-11-22T14:10:29.123456Z","received":"2025-11-22T14:10:29.173456Z","certainty":"authenticated","trust":"udp","unproven":false,"complete":true,"evidence":"handshake-initiation-received.v1","causes":["1763820629200-4"],"link":null}}
        """,
        Body(Samples.Alert()));

    [Fact]
    public void A_named_peer_whose_port_changed_where_lines_are_missing() => Assert.Equal(
        """
        {"type":"peer.endpoint_changed","timestamp":"2025-11-22T14:10:29.123456Z","data":{"alert_id":"e79bb3d02976325df4ad7f74942865a6","rule":"endpoint-changed","summary":"Zoë's phone (vpn-01/1/17) on wg0 changed its port from [2001:db8::1]:51820 to [2001:db8::1]:40000.","advice":"The kernel holds the new endpoint; the packet that set it printed no line. The line came over UDP: nothing proves who sent it. Kernel lines of this host are missing: the peer may have been elsewhere in between. Usually a NAT mapping that was renewed.","peer":{"id":"vpn-01/1/17","host":"vpn-01","epoch":1,"peer":17,"interface":"wg0","name":"Zoë's phone","public_key":"HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="},"old_endpoint":{"ip":"2001:db8::1","port":51820},"new_endpoint":{"ip":"2001:db8::1","port":40000},"change":"port","at":"2025-11-22T14:10:29.123456Z","received":"2025-11-22T14:10:29.173456Z","certainty":"stored","trust":"udp","unproven":false,"complete":false,"evidence":"handshake-initiation-received.v1","causes":["1763820629200-4"],"link":"https://wg.example/monitor/api/v1/alerts/e79bb3d02976325df4ad7f74942865a6"}}
        """,
        Body(Samples.Alert("[2001:db8::1]:51820", "[2001:db8::1]:40000") with
        {
            Name = "Zoë's phone",
            PublicKey = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
            Certainty = Peers.EndpointCertainty.Stored,
            Complete = false,
        }, "https://wg.example/monitor/"));

    [Theory]
    [InlineData("198.51.100.7:40000", """{"peer": "198.51.100.7:40000"}""")]
    [InlineData("[2001:db8::7]:40000", """{"peer": "[2001:db8::7]:40000"}""")]
    public void The_original_format_is_what_the_original_sends(string endpoint, string body) =>
        Assert.Equal(body, Encoding.UTF8.GetString(WebhookPayload.OriginalOf(Samples.Alert(now: endpoint))));

    [Fact]
    public void A_link_local_endpoint_keeps_its_scope() =>
        Assert.Contains("""
            "new_endpoint":{"ip":"fe80::1%3","port":51820}
            """, Body(Samples.Alert(now: "[fe80::1%3]:51820")), StringComparison.Ordinal);

    [Theory]
    [InlineData(TrustLevel.Udp, "over UDP: nothing proves who sent it")]
    [InlineData(TrustLevel.Tcp, "over TCP: only the sender's address is proven")]
    [InlineData(TrustLevel.Tls, "over TLS without a client certificate: nothing proves who sent it")]
    public void H43_an_alert_says_what_is_not_proven(TrustLevel trust, string words)
    {
        Assert.Contains(words, AlertText.Advice(Samples.Alert() with { Trust = trust }));
        Assert.DoesNotContain("Unproven", AlertText.Summary(Samples.Alert() with { Trust = trust }));
        Assert.StartsWith("Unproven: Peer vpn-01/1/17 on wg0 moved", AlertText.Summary(Samples.Alert() with { Trust = trust, Unproven = true }));
        Assert.Contains($"\"trust\":\"{TrustWords.Of(trust)}\",\"unproven\":true", Body(Samples.Alert() with { Trust = trust, Unproven = true }));
    }

    [Fact]
    public void A_proven_sender_needs_no_words() =>
        Assert.DoesNotContain("The line came", AlertText.Advice(Samples.Alert() with { Trust = TrustLevel.TlsClientCert }));

    [Fact]
    public void A_clock_beyond_all_years_still_gives_a_time() =>
        Assert.Equal(("1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"), (AlertText.Time(long.MinValue), AlertText.Time(long.MaxValue)));
}
