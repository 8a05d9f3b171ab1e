using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Framing;

/// <summary>Tells by the first bytes of a connection that it speaks something else than syslog, so that the operator gets a hint instead of rejected lines.</summary>
internal static class ConnectionOpening
{
    /// <summary>A TLS record of type handshake; RFC 8446 section 5.1.</summary>
    private const byte TlsHandshake = 0x16;

    /// <summary>First bytes of the binary PROXY header; proxy-protocol.txt section 2.2. The text header begins with <c>PROXY </c>.</summary>
    public static ReadOnlySpan<byte> ProxySignature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Null where frames may begin, else to wait for more or to close.</summary>
    public static FrameStep? Look(ReadOnlySpan<byte> input, bool isFinal, SyslogFraming framing)
    {
        var first = input[0];
        if (first == TlsHandshake) return FrameStep.Close(CloseReason.TlsOnPlain);
        if (framing == SyslogFraming.OctetCounted && first != '\r') return null;
        if (first == '\r')
        {
            var compared = Math.Min(input.Length, ProxySignature.Length);
            if (!input[..compared].SequenceEqual(ProxySignature[..compared])) return null;
            if (compared == ProxySignature.Length) return FrameStep.Close(CloseReason.ProxyHeader);
            return isFinal ? null : FrameStep.More;
        }
        // Digits of other scripts among them: no length and no line begins so.
        if (first >= 0x80) return FrameStep.Close(framing == SyslogFraming.Auto ? CloseReason.FrameLength : CloseReason.NotSyslog);
        if (first < ' ' && first is not ((byte)'\n' or (byte)'\t' or 0)) return FrameStep.Close(CloseReason.NotSyslog);
        if (first is not ((byte)'x' or (byte)'(')) return null;
        if (input.Length == 1) return isFinal ? null : FrameStep.More;
        return IsCompressed(first, input[1]) ? FrameStep.Close(CloseReason.NotSyslog) : null;
    }

    /// <summary>Why the connection is none of syslog when this is its first line; null otherwise.</summary>
    public static CloseReason? ForeignProtocol(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("PROXY "u8)) return CloseReason.ProxyHeader;
        line = line.TrimEnd("\r"u8);
        // "GET / HTTP/1.1", and "PRI * HTTP/2.0".
        const int VersionLength = 3;
        var isHttp = line.Length > VersionLength && char.IsAsciiLetterUpper((char)line[0]) && line[..^VersionLength].EndsWith(" HTTP/"u8);
        return isHttp ? CloseReason.NotSyslog : null;
    }

    /// <summary>zlib, RFC 1950 section 2.2, in its four levels; Zstandard, RFC 8878 section 3.1.1. gzip begins with a control character.</summary>
    private static bool IsCompressed(byte first, byte second) =>
        first == 'x' ? second is 0x01 or 0x5e or 0x9c or 0xda : second == 0xb5;
}
