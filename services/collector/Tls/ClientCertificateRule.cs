using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using WgMonitor.Collector.Listeners;
using WgMonitor.Events;

namespace WgMonitor.Collector.Tls;

/// <summary>Who a client certificate stands for, and why it does not count. Pure.</summary>
internal static class ClientCertificateRule
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>A chain that leads to one of the authorities and is meant for clients. Nothing is fetched, and the system's authorities do not count.</summary>
    public static X509ChainPolicy ChainPolicy(TlsMaterial material)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(material.ClientAuthorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    /// <summary>Null when the certificate counts.</summary>
    /// <param name="chain">Built by <see cref="ChainPolicy"/>.</param>
    /// <param name="errors">As the handshake found them.</param>
    /// <param name="revoked">Certificates that count no more.</param>
    public static CloseReason? Judge(X509Chain? chain, SslPolicyErrors errors, RevocationLists revoked)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || chain is null) return CloseReason.TlsCertificateMissing;
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        const X509ChainStatusFlags Known = X509ChainStatusFlags.NotTimeValid | Usage;
        if ((status & ~Known) != 0) return CloseReason.TlsCertificateUntrusted;
        if (chain.ChainElements.Any(element => revoked.Contains(element.Certificate))) return CloseReason.TlsCertificateRevoked;
        if ((status & Usage) != 0) return CloseReason.TlsCertificateUsage;
        if (status != 0) return CloseReason.TlsCertificateTime;
        return errors == SslPolicyErrors.None ? null : CloseReason.TlsCertificateUntrusted;
    }

    private const X509ChainStatusFlags Usage =
        X509ChainStatusFlags.NotValidForUsage | X509ChainStatusFlags.InvalidBasicConstraints | X509ChainStatusFlags.InvalidPolicyConstraints;

    /// <summary>
    /// The host a certificate names: its first DNS name, or where it has none its first address; normalised, null when there is neither. A wildcard
    /// names many hosts and therefore none, and the common name is for humans.
    /// </summary>
    /// <param name="certificate">One that counts.</param>
    /// <param name="domains">Suffixes to cut off, see <see cref="HostName"/>.</param>
    public static byte[]? HostOf(X509Certificate2 certificate, byte[][] domains)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (names is null) return null;
        try
        {
            return names.EnumerateDnsNames().FirstOrDefault() is { } name
                ? NameOf(name, domains)
                : names.EnumerateIPAddresses().FirstOrDefault() is { } address ? AddressOf(address) : null;
        }
        // A name that is no ASCII.
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? NameOf(string name, byte[][] domains)
    {
        if (!Ascii.IsValid(name) || name.Length > HostName.BytesMax) return null;
        var normalized = new byte[HostName.BytesMax];
        return HostName.TryNormalize(Encoding.ASCII.GetBytes(name), domains, normalized, out var length) ? normalized[..length] : null;
    }

    private static byte[]? AddressOf(System.Net.IPAddress address)
    {
        var text = new byte[InternetAddress.TextBytesMax];
        return InternetAddress.TryParse(Encoding.ASCII.GetBytes(address.ToString()), out var parsed) ? text[..parsed.Format(text)] : null;
    }
}
