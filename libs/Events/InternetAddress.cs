using System.Net;
using System.Text;

namespace WgMonitor.Events;

/// <summary>
/// An IPv4 or IPv6 address as a value without allocation. An IPv4-mapped IPv6 address becomes the IPv4 address it maps,
/// so that two spellings of one address are equal. <c>default</c> is no address.
/// </summary>
/// <remarks>
/// Parsing is strict where <see cref="IPAddress.TryParse(string?, out IPAddress?)"/> is not: four decimal octets without leading zeros,
/// or eight IPv6 groups with at most one <c>::</c> and an optional dotted tail.
/// Source of the forms: lib/vsprintf.c, ip4_string, ip6_string, ip6_compressed_string.
/// </remarks>
public readonly record struct InternetAddress
{
    private enum AddressFamily : byte { None, V4, V6 }

    private readonly UInt128 bits;
    private readonly AddressFamily family;

    private InternetAddress(UInt128 bits, AddressFamily family)
    {
        this.bits = bits;
        this.family = family;
    }

    /// <summary>Longest text form in bytes: eight groups of four digits.</summary>
    public const int TextBytesMax = 39;

    public bool IsNone => family == AddressFamily.None;

    public bool IsV4 => family == AddressFamily.V4;

    /// <summary>fe80::/10: only here does a scope (interface index) tell two endpoints apart.</summary>
    public bool IsLinkLocalV6 => family == AddressFamily.V6 && (uint)(bits >> 118) == 0x3fa;

    public static InternetAddress FromV4(uint address) => new(address, AddressFamily.V4);

    public static InternetAddress FromV6(UInt128 address) =>
        address >> 32 == 0xffff ? FromV4((uint)address) : new(address, AddressFamily.V6);

    /// <summary>The 128 bits of the address; IPv4 in the lowest 32. Tells addresses of one family apart.</summary>
    public UInt128 Bits => bits;

    /// <summary>The network of this length that the address lies in, as its first address: <c>2001:db8::1</c> with 64 is <c>2001:db8::</c>.</summary>
    /// <param name="prefixLength">0 to 32 for IPv4, 0 to 128 for IPv6; more leaves the address as it is.</param>
    public InternetAddress Network(int prefixLength)
    {
        var hostBits = (IsV4 ? 32 : 128) - prefixLength;
        if (hostBits <= 0) return this;
        return new(hostBits >= 128 ? UInt128.Zero : bits >> hostBits << hostBits, family);
    }

    /// <summary>Parses the address at the start of <paramref name="text"/> and says how many bytes it took.</summary>
    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out InternetAddress address, out int consumed)
    {
        if (TryParseV4(text, out var v4, out consumed))
        {
            address = FromV4(v4);
            return true;
        }
        if (InternetAddressV6.TryParsePrefix(text, out var v6, out consumed))
        {
            address = FromV6(v6);
            return true;
        }
        address = default;
        return false;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out InternetAddress address) =>
        TryParsePrefix(text, out address, out var consumed) && consumed == text.Length;

    /// <summary>Four decimal octets without leading zeros, e.g. <c>203.0.113.5</c>.</summary>
    internal static bool TryParseV4(ReadOnlySpan<byte> text, out uint address, out int consumed)
    {
        address = 0;
        consumed = 0;
        var at = 0;
        for (var octet = 0; octet < 4; octet++)
        {
            if (octet > 0 && (at >= text.Length || text[at++] != '.')) return false;
            var start = at;
            var value = 0;
            while (at < text.Length && at - start < 3 && char.IsAsciiDigit((char)text[at])) value = value * 10 + (text[at++] - '0');
            if (at == start || value > 255 || (at - start > 1 && text[start] == '0')) return false;
            address = address << 8 | (uint)value;
        }
        if (at < text.Length && (char.IsAsciiDigit((char)text[at]) || text[at] == '.')) return false;
        consumed = at;
        return true;
    }

    /// <summary>Writes the canonical text (RFC 5952 for IPv6); returns the number of bytes, at most <see cref="TextBytesMax"/>.</summary>
    public int Format(Span<byte> utf8)
    {
        if (family == AddressFamily.None) return 0;
        if (family == AddressFamily.V6) return InternetAddressV6.Format(bits, utf8);
        var written = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            if (shift < 24) utf8[written++] = (byte)'.';
            ((byte)((uint)bits >> shift)).TryFormat(utf8[written..], out var digits);
            written += digits;
        }
        return written;
    }

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        return Encoding.ASCII.GetString(text[..Format(text)]);
    }
}
