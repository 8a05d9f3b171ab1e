using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WgMonitor.Collector.Tls;

/// <summary>
/// Revoked certificates by issuer and serial number, from files that the operator gives; nothing is ever fetched. A list's signature and age are not
/// checked: who can write the file can write the trusted authorities too.
/// </summary>
/// <remarks>RFC 5280 section 5.1, CertificateList.</remarks>
internal sealed class RevocationLists
{
    private const string PemLabel = "X509 CRL";

    private readonly HashSet<string> revoked = [];

    public static RevocationLists None { get; } = new();

    /// <summary>Reads every list of a PEM text.</summary>
    /// <exception cref="CryptographicException">There is none, or it is not well formed.</exception>
    public static RevocationLists Read(string pem)
    {
        var lists = new RevocationLists();
        var found = false;
        ReadOnlySpan<char> rest = pem;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].SequenceEqual(PemLabel))
            {
                found = true;
                lists.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }
            rest = rest[fields.Location.End..];
        }
        return found ? lists : throw new CryptographicException("The file of revoked certificates holds no X509 CRL.");
    }

    public bool Contains(X509Certificate2 certificate) =>
        revoked.Count > 0 && revoked.Contains(Key(certificate.IssuerName.RawData, certificate.SerialNumberBytes.Span));

    private void Add(byte[] der)
    {
        try
        {
            var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)) list.ReadInteger();
            list.ReadEncodedValue();
            var issuer = list.ReadEncodedValue().Span;
            SkipTimes(list);
            if (!list.HasData || !list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) return;
            for (var entries = list.ReadSequence(); entries.HasData;)
                revoked.Add(Key(issuer, entries.ReadSequence().ReadIntegerBytes().Span));
        }
        catch (AsnContentException exception)
        {
            throw new CryptographicException("A list of revoked certificates is not well formed.", exception);
        }
    }

    /// <summary>thisUpdate and the optional nextUpdate.</summary>
    private static void SkipTimes(AsnReader list)
    {
        while (list.HasData && list.PeekTag() is { TagClass: TagClass.Universal } tag
            && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UtcTime or UniversalTagNumber.GeneralizedTime) list.ReadEncodedValue();
    }

    private static string Key(ReadOnlySpan<byte> issuer, ReadOnlySpan<byte> serial) => $"{Convert.ToHexString(issuer)}:{Convert.ToHexString(serial)}";
}
