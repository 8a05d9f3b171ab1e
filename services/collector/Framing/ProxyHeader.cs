using System.Buffers;
using System.Buffers.Binary;
using WgMonitor.Events;

namespace WgMonitor.Collector.Framing;

/// <summary>Result of <see cref="ProxyHeader.TryRead"/>.</summary>
internal enum ProxyHeaderKind
{
    Complete,
    More,
    Invalid,
}

/// <summary>
/// The header by which a load balancer tells whom it forwards, versions 1 and 2. Read only from the addresses that the configuration names: from
/// anybody else it is a forged sender.
/// </summary>
/// <remarks>
/// haproxy/doc/proxy-protocol.txt:
/// <code>
/// PROXY TCP4 203.0.113.5 192.0.2.1 40000 6514 CR LF        at most 107 bytes
/// 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 0C …        signature, version and command, family, length, addresses, TLVs
/// </code>
/// </remarks>
internal static class ProxyHeader
{
    private const int TextBytesMax = 107;
    private const int BinaryFixed = 16;

    /// <summary>Of the part behind the fixed one; the addresses take 36 at most, the rest is extensions that are passed over.</summary>
    private const int BinaryBytesMax = 2048;

    /// <param name="input">First bytes of the connection.</param>
    /// <param name="consumed">Length of a complete header.</param>
    /// <param name="sender">Null when the balancer speaks for itself (UNKNOWN, LOCAL).</param>
    public static ProxyHeaderKind TryRead(in ReadOnlySequence<byte> input, out int consumed, out (InternetAddress Address, ushort Port)? sender)
    {
        Span<byte> bytes = stackalloc byte[(int)Math.Min(input.Length, BinaryFixed + BinaryBytesMax)];
        input.Slice(0, bytes.Length).CopyTo(bytes);
        consumed = 0;
        sender = null;
        if (bytes.IsEmpty) return ProxyHeaderKind.More;
        return bytes[0] == 'P' ? TryReadText(bytes, out consumed, out sender) : TryReadBinary(bytes, out consumed, out sender);
    }

    private static ProxyHeaderKind TryReadText(ReadOnlySpan<byte> bytes, out int consumed, out (InternetAddress Address, ushort Port)? sender)
    {
        consumed = 0;
        sender = null;
        var window = bytes[..Math.Min(bytes.Length, TextBytesMax)];
        var end = window.IndexOf("\r\n"u8);
        if (end < 0) return window.Length == TextBytesMax || !StartsLike(window, "PROXY "u8) ? ProxyHeaderKind.Invalid : ProxyHeaderKind.More;
        var line = window[..end];
        if (!line.StartsWith("PROXY "u8)) return ProxyHeaderKind.Invalid;
        consumed = end + 2;
        line = line["PROXY ".Length..];
        if (line.StartsWith("UNKNOWN"u8)) return ProxyHeaderKind.Complete;
        Span<Range> words = stackalloc Range[6];
        if (Split(line, words) != 5 || !(line[words[0]].SequenceEqual("TCP4"u8) || line[words[0]].SequenceEqual("TCP6"u8))) return ProxyHeaderKind.Invalid;
        if (!InternetAddress.TryParse(line[words[1]], out var address) || !TryPort(line[words[3]], out var port)) return ProxyHeaderKind.Invalid;
        sender = (address, port);
        return ProxyHeaderKind.Complete;
    }

    private static ProxyHeaderKind TryReadBinary(ReadOnlySpan<byte> bytes, out int consumed, out (InternetAddress Address, ushort Port)? sender)
    {
        consumed = 0;
        sender = null;
        if (!StartsLike(bytes, ConnectionOpening.ProxySignature)) return ProxyHeaderKind.Invalid;
        if (bytes.Length < BinaryFixed) return ProxyHeaderKind.More;
        var (version, command, family) = (bytes[12] >> 4, bytes[12] & 0xf, bytes[13]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != 2 || command > 1 || length > BinaryBytesMax) return ProxyHeaderKind.Invalid;
        if (bytes.Length < BinaryFixed + length) return ProxyHeaderKind.More;
        consumed = BinaryFixed + length;
        if (command == 0) return ProxyHeaderKind.Complete;
        var addresses = bytes.Slice(BinaryFixed, length);
        switch (family)
        {
            case 0x11 when length >= 12:
                sender = (InternetAddress.FromV4(BinaryPrimitives.ReadUInt32BigEndian(addresses)), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]));
                return ProxyHeaderKind.Complete;
            case 0x21 when length >= 36:
                sender = (InternetAddress.FromV6(BinaryPrimitives.ReadUInt128BigEndian(addresses)), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]));
                return ProxyHeaderKind.Complete;
            default:
                return ProxyHeaderKind.Invalid;
        }
    }

    private static bool StartsLike(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> prefix)
    {
        var compared = Math.Min(bytes.Length, prefix.Length);
        return bytes[..compared].SequenceEqual(prefix[..compared]);
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> words)
    {
        var count = 0;
        foreach (var word in line.Split((byte)' '))
        {
            if (count == words.Length) return count;
            words[count++] = word;
        }
        return count;
    }

    private static bool TryPort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        if (text.IsEmpty || OctetCount.Read(text, 5, out var value, out var digits) == OctetCountKind.Invalid || digits != text.Length || value > ushort.MaxValue) return false;
        port = (ushort)value;
        return true;
    }
}
