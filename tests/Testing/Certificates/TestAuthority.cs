using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WgMonitor.Testing;

/// <summary>What a certificate of a <see cref="TestAuthority"/> is like; by default one for a client, valid today.</summary>
public sealed record CertificateForm
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    public string CommonName { get; init; } = "somebody";

    public string[] DnsNames { get; init; } = [];

    public string[] Addresses { get; init; } = [];

    public string? Usage { get; init; } = ClientAuthentication;

    /// <summary>First day, counted from today.</summary>
    public int FromDay { get; init; } = -1;

    /// <summary>Last day, counted from today.</summary>
    public int ToDay { get; init; } = 30;
}

/// <summary>A certificate authority of one test.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CertificateRevocationListBuilder revoked = new();
    private long serial = 1000;

    public TestAuthority(string name = "Test CA")
    {
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(400));
    }

    private TestAuthority(TestAuthority issuer, string name)
    {
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        Certificate = issuer.Sign(request, -300, 300).CopyWithPrivateKey(key);
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    /// <summary>An authority whose certificate this one signed.</summary>
    public TestAuthority Intermediate(string name) => new(this, name);

    /// <summary>A certificate with its private key, usable by <see cref="System.Net.Security.SslStream"/>.</summary>
    public X509Certificate2 Issue(CertificateForm form)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(form.CommonName, own);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (form.Usage is { } usage)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (form.DnsNames.Length + form.Addresses.Length > 0)
        {
            request.CertificateExtensions.Add(AlternativeNames(form));
        }

        using X509Certificate2 signed = Sign(request, form.FromDay, form.ToDay);
        return signed.CopyWithPrivateKey(own);
    }

    /// <summary>For a server on loopback.</summary>
    public X509Certificate2 IssueServer(string commonName = "collector") => Issue(new()
    {
        CommonName = commonName,
        DnsNames = ["localhost"],
        Addresses = ["127.0.0.1"],
        Usage = CertificateForm.ServerAuthentication,
    });

    public void Revoke(X509Certificate2 certificate) => revoked.AddEntry(certificate);

    /// <summary>The list of revoked certificates.</summary>
    public string RevocationListPem() =>
        PemEncoding.WriteString("X509 CRL", revoked.Build(Certificate, 1, DateTimeOffset.UtcNow.AddDays(30), HashAlgorithmName.SHA256));

    /// <summary>The certificate as PEM, and its key behind it.</summary>
    public static string PemWithKey(X509Certificate2 certificate) => $"{certificate.ExportCertificatePem()}\n{KeyPem(certificate)}";

    public static string KeyPem(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
    }

    /// <summary>Written here because the builder of .NET refuses the names that an attacker would choose. RFC 5280 section 4.2.1.6.</summary>
    private static X509Extension AlternativeNames(CertificateForm form)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            foreach (string name in form.DnsNames)
                names.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
            foreach (string address in form.Addresses)
                names.WriteOctetString(IPAddress.Parse(address).GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));
        }

        return new X509Extension("2.5.29.17", names.Encode(), critical: false);
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }

    private X509Certificate2 Sign(CertificateRequest request, int fromDay, int toDay) => request.Create(
        Certificate, DateTimeOffset.UtcNow.AddDays(fromDay), DateTimeOffset.UtcNow.AddDays(toDay), BitConverter.GetBytes(Interlocked.Increment(ref serial)));
}
