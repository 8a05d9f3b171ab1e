using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Doctor;

/// <summary>A TCP, a TLS and a RELP listener for one test, and senders that do not fit them.</summary>
internal sealed class StreamSenders : IDisposable
{
    private readonly TestAuthority authority = new();
    private readonly TempDirectory files = new();

    /// <summary>Another address of this machine than the one that tests send from.</summary>
    public static IPAddress Stranger { get; } = IPAddress.Parse("127.0.0.2");

    /// <summary>Of TCP, TLS and RELP.</summary>
    public IReadOnlyList<IPEndPoint> Ports { get; } = [.. Enumerable.Range(0, 3).Select(_ => new IPEndPoint(IPAddress.Loopback, FreePort.Tcp()))];

    /// <summary>TOML of the listeners; TLS asks for a certificate.</summary>
    public string Listen() => $"""
        [[collector.listen]]
        protocol = "tcp"
        address = "{Ports[0]}"

        [[collector.listen]]
        protocol = "tls"
        address = "{Ports[1]}"
        certificate = "{files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()))}"
        client_certificate = "require"
        client_ca = "{files.Write("ca.pem", authority.Pem)}"

        [[collector.listen]]
        protocol = "relp"
        address = "{Ports[2]}"

        """;

    /// <summary>Connects in a way that brings no line.</summary>
    public async Task<StreamSender?> MisconnectAsync(IPEndPoint port, string how)
    {
        if (how is "TLS" or "no certificate")
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var tls = await StreamSender.ConnectAsync(port, TlsWithoutCertificate());
                // With TLS 1.3 a client learns of its refusal only when it goes on.
                await tls.ReadUntilAsync("never");
            });
            return null;
        }
        var sender = await StreamSender.ConnectAsync(port);
        if (how != "silence") await sender.SendAsync("<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Peer 7 created\n");
        return sender;
    }

    private SslClientAuthenticationOptions TlsWithoutCertificate()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = SslProtocols.None,
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        options.CertificateChainPolicy.CustomTrustStore.Add(authority.Certificate);
        return options;
    }

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }
}
