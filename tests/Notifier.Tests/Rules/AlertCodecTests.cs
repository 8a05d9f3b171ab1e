using System.Text;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.Notifier.Tests.Rules;

public class AlertCodecTests
{
    private static Dictionary<string, string> Fields(IEnumerable<EventField> fields) =>
        fields.ToDictionary(field => Encoding.UTF8.GetString(field.Name.Span), field => Encoding.UTF8.GetString(field.Value.Span));

    [Fact]
    public void An_alert_comes_back_as_it_was()
    {
        var alert = Samples.Alert("[2001:db8::1]:51820", "[fe80::1%3]:0") with
        {
            Peer = new PeerId(3, ulong.MaxValue),
            Name = "Zoë, \"work\"",
            PublicKey = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
            Certainty = EndpointCertainty.Stored,
            Complete = false,
            Trust = TrustLevel.TlsClientCert,
            Unproven = true,
            Causes = [new StreamId(1, 2), new StreamId(3, 4)],
        };

        Assert.True(AlertCodec.TryDecode(Fields(AlertCodec.Encode(alert)), out var decoded));
        Assert.Equivalent(alert, decoded, strict: true);
    }

    [Fact]
    public void The_fields_of_the_outbox() => Assert.Equal(
        "alert=e79bb3d02976325df4ad7f74942865a6 kind=endpoint-changed rule=endpoint-changed host=vpn-01 epoch=1 peer=17 interface=wg0 old=203.0.113.5:51820 "
        + "new=198.51.100.7:40000 change=address at=1763820629123456 received=1763820629173456 causes=1763820629200-4 evidence=handshake-initiation-received.v1 "
        + "certainty=authenticated complete=1 trust=udp",
        string.Join(' ', Fields(AlertCodec.Encode(Samples.Alert())).Select(field => $"{field.Key}={field.Value}")));

    [Fact]
    public void Any_missing_or_spoiled_field_makes_it_no_alert()
    {
        var whole = Fields(AlertCodec.Encode(Samples.Alert()));
        foreach (var name in whole.Keys.Where(name => name != "trust"))
        {
            Assert.False(AlertCodec.TryDecode(whole.Where(field => field.Key != name).ToDictionary(), out _), name);
            if (name is "kind" or "rule" or "host" or "interface" or "complete") continue;
            Assert.False(AlertCodec.TryDecode(new Dictionary<string, string>(whole) { [name] = "~" }, out _), name);
        }

        Assert.False(AlertCodec.TryDecode(new Dictionary<string, string>(whole) { ["change"] = "1" }, out _));
        Assert.True(AlertCodec.TryDecode(new Dictionary<string, string>(whole) { ["later"] = "field" }, out _));
    }

    [Fact]
    public void An_alert_without_a_known_trust_is_trusted_least()
    {
        var whole = Fields(AlertCodec.Encode(Samples.Alert() with { Trust = TrustLevel.Tls }));
        Assert.True(AlertCodec.TryDecode(whole, out var alert));
        Assert.Equal(TrustLevel.Tls, alert.Trust);

        Assert.True(AlertCodec.TryDecode(new Dictionary<string, string>(whole) { ["trust"] = "quantum" }, out var later));
        Assert.True(AlertCodec.TryDecode(whole.Where(field => field.Key != "trust").ToDictionary(), out var older));
        Assert.Equal((TrustLevel.Udp, TrustLevel.Udp), (later.Trust, older.Trust));
    }

    [Fact]
    public void Deliveries_come_back_by_route_and_half_written_ones_are_left_out()
    {
        var delivered = new DeliveryRecord("ops", DeliveryState.Delivered, 2, "", 5);
        var pending = new DeliveryRecord("a.b-c_1", DeliveryState.Pending, 7, "http_5xx", 6);
        var fields = Fields([.. AlertCodec.Encode(Samples.Alert()), .. AlertCodec.Encode(delivered), .. AlertCodec.Encode(pending)]);
        fields["half:state"] = "pending";

        Assert.Equal([pending, delivered], AlertCodec.DecodeDeliveries(fields));
        Assert.True(AlertCodec.TryDecode(fields, out _));
    }
}
