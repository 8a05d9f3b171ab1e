using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Peers.Tests;

/// <summary>How far the senders of the lines are known on which a conclusion rests.</summary>
public class TrustTests
{
    private static Told Say(Told told, TrustLevel trust, string line)
    {
        told.Trust = trust;
        return told.Say(line);
    }

    private static string Keepalive(int second, string endpoint) => $"[   {second}.000000] wireguard: wg0: Receiving keepalive packet from peer 1 ({endpoint})";

    [Fact]
    public void An_endpoint_keeps_the_trust_of_the_line_that_made_it()
    {
        var told = Say(new Told(), TrustLevel.Udp, Keepalive(10, "203.0.113.5:51820"));
        Say(told, TrustLevel.TlsClientCert, Keepalive(20, "203.0.113.5:51820"));

        Assert.Equal((TrustLevel.Udp, TrustLevel.TlsClientCert), (told.Peer(1).EndpointTrust, told.Peer(1).Trust));
    }

    [Fact]
    public void A_line_that_proves_an_endpoint_lowers_its_trust_and_never_raises_it()
    {
        const string stored = "[   10.000000] wireguard: wg0: Sending handshake initiation to peer 1 (203.0.113.5:51820)";

        Assert.Equal(TrustLevel.Udp, Say(Say(new Told(), TrustLevel.Tls, stored), TrustLevel.Udp, Keepalive(20, "203.0.113.5:51820")).Peer(1).EndpointTrust);
        Assert.Equal(TrustLevel.Udp, Say(Say(new Told(), TrustLevel.Udp, stored), TrustLevel.Tls, Keepalive(20, "203.0.113.5:51820")).Peer(1).EndpointTrust);
    }

    [Theory]
    [InlineData(TrustLevel.Tls, TrustLevel.Tls, TrustLevel.Tls)]
    [InlineData(TrustLevel.Tls, TrustLevel.Udp, TrustLevel.Udp)]
    [InlineData(TrustLevel.Udp, TrustLevel.Tls, TrustLevel.Udp)]
    [InlineData(TrustLevel.TlsClientCert, TrustLevel.Tcp, TrustLevel.Tcp)]
    public void A_change_is_no_surer_than_both_its_ends(TrustLevel before, TrustLevel after, TrustLevel change)
    {
        var told = Say(Say(new Told(), before, Keepalive(10, "203.0.113.5:51820")), after, Keepalive(20, "198.51.100.7:51820"));

        Assert.Equal(change, Assert.Single(told.Found<EndpointChanged>()).Trust);
        Assert.Equal(after, told.Peer(1).EndpointTrust);
    }

    [Fact]
    public void A_host_shows_the_latest_trust_and_the_lowest_of_its_epoch()
    {
        var told = Say(new Told(), TrustLevel.TlsClientCert, Keepalive(10, "203.0.113.5:51820"));
        Assert.Equal((TrustLevel.TlsClientCert, TrustLevel.TlsClientCert), (told.State.Trust, told.State.TrustLowest));

        Say(told, TrustLevel.Udp, Keepalive(20, "203.0.113.5:51820"));
        Say(told, TrustLevel.TlsClientCert, Keepalive(30, "203.0.113.5:51820"));
        Assert.Equal((TrustLevel.TlsClientCert, TrustLevel.Udp), (told.State.Trust, told.State.TrustLowest));

        Say(told, TrustLevel.TlsClientCert, "[   40.000000] wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.");
        Assert.Equal(TrustLevel.TlsClientCert, told.State.TrustLowest);
    }

    /// <summary>H43.</summary>
    [Fact]
    public void H43_a_datagram_is_trusted_as_a_datagram_whoever_it_names() =>
        Assert.Equal(TrustLevel.Udp, Say(new Told(), TrustLevel.Udp, Keepalive(10, "203.0.113.5:51820")).Peer(1).EndpointTrust);
}
