using System.Text;
using System.Text.Json.Serialization;

namespace WgMonitor.Events;

/// <summary>
/// Address and UDP port of a peer. <c>default</c> is no endpoint, which the kernel prints as <c>(einval)</c>.
/// Text form: <c>203.0.113.5:51820</c>, <c>[2001:db8::1]:51820</c>, <c>[fe80::1%3]:51820</c>.
/// </summary>
/// <remarks>Source of the kernel's form <c>[2001:db8::1]:51820/0%0</c>: lib/vsprintf.c, ip6_addr_string_sa (%pISpfsc).</remarks>
/// <param name="Address">The remote address.</param>
/// <param name="Port">UDP port, 0 to 65535; the kernel can print 0.</param>
/// <param name="Scope">Interface index of a link-local address, else 0: for a global address it says nothing and would fake changes.</param>
[JsonConverter(typeof(PeerEndpointConverter))]
public readonly record struct PeerEndpoint(InternetAddress Address, ushort Port, uint Scope = 0)
{
    /// <summary>Longest text form in bytes: brackets, address, scope, port.</summary>
    public const int TextBytesMax = InternetAddress.TextBytesMax + 20;

    public static PeerEndpoint None => default;

    public bool IsNone => Address.IsNone;

    /// <summary>
    /// Parses the endpoint at the start of <paramref name="text"/>, in the kernel's form (<c>[addr]:port/flow%scope</c>) or in ours
    /// (<c>[addr%scope]:port</c>), and says how many bytes it took. <c>(einval)</c> and <c>(invalid address)</c> give <see cref="None"/>.
    /// </summary>
    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out PeerEndpoint endpoint, out int consumed)
    {
        endpoint = default;
        consumed = 0;
        if (text.IsEmpty) return false;
        if (text[0] == '(') return TryParseAbsent(text, out consumed);
        return text[0] == '[' ? TryParseV6(text, out endpoint, out consumed) : TryParseV4(text, out endpoint, out consumed);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out PeerEndpoint endpoint) =>
        TryParsePrefix(text, out endpoint, out var consumed) && consumed == text.Length;

    private static bool TryParseAbsent(ReadOnlySpan<byte> text, out int consumed)
    {
        consumed = text.StartsWith("(einval)"u8) ? "(einval)"u8.Length : text.StartsWith("(invalid address)"u8) ? "(invalid address)"u8.Length : 0;
        return consumed > 0;
    }

    private static bool TryParseV4(ReadOnlySpan<byte> text, out PeerEndpoint endpoint, out int consumed)
    {
        endpoint = default;
        if (!InternetAddress.TryParseV4(text, out var address, out consumed)) return false;
        if (!TryParsePort(text, ref consumed, out var port)) return false;
        endpoint = new(InternetAddress.FromV4(address), port);
        return true;
    }

    private static bool TryParseV6(ReadOnlySpan<byte> text, out PeerEndpoint endpoint, out int consumed)
    {
        endpoint = default;
        if (!InternetAddressV6.TryParsePrefix(text[1..], out var bits, out consumed)) return false;
        consumed++;
        uint scope = 0;
        if (!TryParseMarked(text, (byte)'%', ref consumed, ref scope)) return false;
        if (consumed >= text.Length || text[consumed] != ']') return false;
        consumed++;
        if (!TryParsePort(text, ref consumed, out var port)) return false;
        uint flow = 0;
        if (!TryParseMarked(text, (byte)'/', ref consumed, ref flow) || !TryParseMarked(text, (byte)'%', ref consumed, ref scope)) return false;
        var address = InternetAddress.FromV6(bits);
        endpoint = new(address, port, address.IsLinkLocalV6 ? scope : 0);
        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<byte> text, ref int at, out ushort port)
    {
        port = 0;
        if (at >= text.Length || text[at] != ':') return false;
        at++;
        if (!DecimalText.TryParsePrefix(text[at..], out ulong value, out var digits) || value > ushort.MaxValue) return false;
        at += digits;
        port = (ushort)value;
        return true;
    }

    /// <summary>An optional number behind <paramref name="mark"/>; absent is fine, a mark without a number is not.</summary>
    private static bool TryParseMarked(ReadOnlySpan<byte> text, byte mark, ref int at, ref uint value)
    {
        if (at >= text.Length || text[at] != mark) return true;
        if (!DecimalText.TryParsePrefix(text[(at + 1)..], out ulong number, out var digits) || number > uint.MaxValue) return false;
        at += 1 + digits;
        value = (uint)number;
        return true;
    }

    /// <summary>Writes the text form; returns the number of bytes, 0 for no endpoint.</summary>
    public int Format(Span<byte> utf8)
    {
        if (IsNone) return 0;
        var written = 0;
        if (!Address.IsV4) utf8[written++] = (byte)'[';
        written += Address.Format(utf8[written..]);
        if (Scope != 0)
        {
            utf8[written++] = (byte)'%';
            Scope.TryFormat(utf8[written..], out var scopeDigits);
            written += scopeDigits;
        }
        if (!Address.IsV4) utf8[written++] = (byte)']';
        utf8[written++] = (byte)':';
        Port.TryFormat(utf8[written..], out var portDigits);
        return written + portDigits;
    }

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        return Encoding.ASCII.GetString(text[..Format(text)]);
    }
}
