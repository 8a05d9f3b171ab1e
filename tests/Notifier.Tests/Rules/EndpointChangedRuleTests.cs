using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.Notifier.Tests.Rules;

public class EndpointChangedRuleTests
{
    private static readonly EventHeader Header = new("vpn-01", Samples.At, Samples.At + 50_000);

    private static EndpointChanged Changed(EndpointChange change) => new(
        "vpn-01", Samples.At, new Cause(1763820629200, 4), new PeerId(1, 17), "wg0", Samples.Endpoint("203.0.113.5:51820"), Samples.Endpoint("198.51.100.7:40000"),
        change, EventKind.HandshakeInitiationReceived, EndpointCertainty.Authenticated, true);

    [Fact]
    public void A_changed_address_is_an_alert_that_says_all_the_finding_says()
    {
        var alert = new EndpointChangedRule("endpoint-changed", portChanges: true).Judge(Changed(EndpointChange.Address), Header)!;

        Assert.Equivalent(Samples.Alert(), alert, strict: true);
        Assert.Equal(("vpn-01/1/17", new StreamId(1763820629200, 4)), (alert.PeerName, alert.Cause));
    }

    [Fact]
    public void A_changed_port_is_one_only_where_wanted()
    {
        Assert.NotNull(new EndpointChangedRule("r", portChanges: true).Judge(Changed(EndpointChange.Port), Header));
        Assert.Null(new EndpointChangedRule("r", portChanges: false).Judge(Changed(EndpointChange.Port), Header));
        Assert.NotNull(new EndpointChangedRule("r", portChanges: false).Judge(Changed(EndpointChange.Address), Header));
    }

    [Theory]
    [InlineData(TrustLevel.Udp, TrustLevel.Udp, false)]
    [InlineData(TrustLevel.Tls, TrustLevel.Tls, false)]
    [InlineData(TrustLevel.Tls, TrustLevel.TlsClientCert, true)]
    [InlineData(TrustLevel.Udp, TrustLevel.Tcp, true)]
    public void What_rests_on_less_than_the_rule_asks_for_is_unproven(TrustLevel trust, TrustLevel minTrust, bool unproven)
    {
        var alert = new EndpointChangedRule("r", true, minTrust).Judge(Changed(EndpointChange.Address) with { Trust = trust }, Header)!;

        Assert.Equal((trust, unproven), (alert.Trust, alert.Unproven));
    }

    [Fact]
    public void Other_findings_are_none() =>
        Assert.Null(new EndpointChangedRule("r", true).Judge(new PeerAppeared("vpn-01", Samples.At, default, new PeerId(1, 17), "wg0", true), Header));

    [Fact]
    public void An_id_never_changes_and_tells_rules_peers_and_causes_apart()
    {
        var cause = new StreamId(1763820629200, 4);

        Assert.Equal("e79bb3d02976325df4ad7f74942865a6", AlertId.Of("endpoint-changed", "vpn-01/1/17", cause));
        string[] others = [AlertId.Of("other", "vpn-01/1/17", cause), AlertId.Of("endpoint-changed", "vpn-01/2/17", cause), AlertId.Of("endpoint-changed", "vpn-01/1/17", cause.Next())];
        Assert.Equal(4, others.Append(AlertId.Of("endpoint-changed", "vpn-01/1/17", cause)).Distinct().Count());
    }
}
