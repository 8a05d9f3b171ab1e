namespace WgMonitor.Collector.Syslog;

/// <summary>
/// <c>TIMESTAMP HOSTNAME TAG: text</c>, where host and tag may be missing and the time may be RFC 3339's.
/// </summary>
/// <remarks>RFC 3164 section 4.1; it describes what was seen, so every part but the time is optional here.</remarks>
internal static class Rfc3164Header
{
    // A name before the colon; what is longer is text. rsyslog's traditional form cuts tags at 32.
    private const int TagBytesMax = 64;

    private static ReadOnlySpan<byte> ForwardedFrom => "Message forwarded from "u8;

    public static bool TryParse(ReadOnlySpan<byte> rest, long receivedMicroseconds, ref SyslogMessage message, out LineOutcome refusal)
    {
        refusal = LineOutcome.RejectedHeader;
        if (!TryTime(rest, receivedMicroseconds, out var time, out var consumed)) return false;
        message.Time = time;

        rest = rest[consumed..].TrimStart((byte)' ');
        if (rest.IsEmpty || !TryHost(ref rest, ref message)) return false;
        TagAndText(rest, ref message);
        refusal = LineOutcome.IgnoredEmpty;
        return !message.Text.IsEmpty;
    }

    private static bool TryTime(ReadOnlySpan<byte> rest, long receivedMicroseconds, out SyslogTimestamp time, out int consumed)
    {
        if (!char.IsAsciiDigit((char)rest[0])) return SyslogTimestamp.TryParseRfc3164(rest, receivedMicroseconds, out time, out consumed);

        // A date without T: the clock is the next token.
        consumed = rest.IndexOf((byte)' ');
        if (consumed == 10 && rest.Length > 13 && rest[13] == ':')
        {
            var clock = rest[11..].IndexOf((byte)' ');
            consumed = clock < 0 ? -1 : 11 + clock;
        }
        time = consumed < 0 ? default : SyslogTimestamp.ParseRfc3339(rest[..consumed]);
        return consumed > 0;
    }

    /// <summary>Takes the host off. A first word that ends with a colon is the tag: the host is missing.</summary>
    private static bool TryHost(scoped ref ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        if (rest.StartsWith(ForwardedFrom))
        {
            var end = rest.IndexOf(": "u8);
            if (end < 0) return false;
            message.Host = rest[ForwardedFrom.Length..end];
            message.Relayed = true;
            rest = rest[(end + 1)..].TrimStart((byte)' ');
            return true;
        }
        var blank = rest.IndexOf((byte)' ');
        if (blank < 0) return false;
        var word = rest[..blank];
        if (word.EndsWith(":"u8) && !word.EndsWith("::"u8)) return true;
        message.Host = word.SequenceEqual("-"u8) ? default : word;
        rest = rest[blank..].TrimStart((byte)' ');
        return true;
    }

    /// <summary><c>kernel: text</c>, <c>su[230]: text</c>, <c>kernel:text</c>; without a tag everything is text.</summary>
    private static void TagAndText(ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        message.TaggedText = rest;
        message.Text = rest;
        var nameEnd = rest[..Math.Min(rest.Length, TagBytesMax)].IndexOfAny((byte)':', (byte)'[', (byte)' ');
        if (nameEnd <= 0 || rest[nameEnd] == ' ') return;
        var colon = nameEnd;
        if (rest[nameEnd] == '[')
        {
            var close = rest[..Math.Min(rest.Length, TagBytesMax)].IndexOf((byte)']');
            if (close < 0 || close + 1 >= rest.Length || rest[close + 1] != ':') return;
            colon = close + 1;
        }
        message.AppName = rest[..nameEnd];
        message.Text = rest[(colon + 1)..].TrimStart((byte)' ');
    }
}
