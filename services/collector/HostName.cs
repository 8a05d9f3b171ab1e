using System.Buffers;
using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>
/// A host name as it becomes part of an identity: lower case, without trailing dot, an address in its canonical form.
/// <c>VPN-01</c> is <c>vpn-01</c>, <c>FE80::1%eth0</c> is <c>fe80::1</c>.
/// </summary>
/// <remarks>Only letters, digits and <c>. - _</c>, or an IPv6 address: no character that means something in a key, a label or a path.</remarks>
internal static class HostName
{
    /// <summary>RFC 5424 section 6: HOSTNAME has at most 255 bytes.</summary>
    public const int BytesMax = 255;

    private static readonly SearchValues<byte> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_"u8);

    /// <summary>The normalised name of what somebody typed or configured; empty, and false, when it cannot be a host name.</summary>
    public static bool TryNormalize(string host, CollectorOptions options, out byte[] normalized)
    {
        normalized = new byte[BytesMax];
        var isName = TryNormalize(Encoding.UTF8.GetBytes(host), [.. options.StripDomains.Select(CollectorOptions.DomainSuffix)], normalized, out var length);
        normalized = isName ? normalized[..length] : [];
        return isName;
    }

    /// <summary>Writes the normalised name; false when the input cannot be a host name.</summary>
    /// <param name="host">As sent.</param>
    /// <param name="domains">Lower-case suffixes such as <c>.example.org</c> that are cut off, so that short and full name are one host.</param>
    /// <param name="normalized">At least <see cref="BytesMax"/> bytes.</param>
    /// <param name="length">Bytes written; 1 or more on success.</param>
    public static bool TryNormalize(ReadOnlySpan<byte> host, ReadOnlySpan<byte[]> domains, Span<byte> normalized, out int length)
    {
        length = 0;
        if (host.IsEmpty || host.Length > BytesMax) return false;
        if (host.Contains((byte)':')) return TryNormalizeV6(host, normalized, out length);

        if (Ascii.ToLower(host, normalized, out length) != OperationStatus.Done) return false;
        if (normalized[length - 1] == '.') length--;
        var name = normalized[..length];
        foreach (var domain in domains)
        {
            if (name.Length <= domain.Length || !name.EndsWith(domain)) continue;
            name = name[..^domain.Length];
            break;
        }
        length = name.Length;
        return length > 0 && !name.ContainsAnyExcept(Allowed) && name[0] != '.' && name.IndexOf(".."u8) < 0;
    }

    /// <summary>The zone (<c>%eth0</c>) is the sender's own name for a link and says nothing here.</summary>
    private static bool TryNormalizeV6(ReadOnlySpan<byte> host, Span<byte> normalized, out int length)
    {
        var zone = host.IndexOf((byte)'%');
        length = 0;
        if (!InternetAddress.TryParse(zone < 0 ? host : host[..zone], out var address)) return false;
        length = address.Format(normalized);
        return true;
    }
}
