namespace WgMonitor.Collector.Syslog;

/// <summary>
/// <c>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - text</c>: VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.
/// </summary>
/// <remarks>RFC 5424 section 6.</remarks>
internal static class Rfc5424Header
{
    private static ReadOnlySpan<byte> Nil => "-"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    public static bool TryParse(ReadOnlySpan<byte> rest, ref SyslogMessage message, out LineOutcome refusal)
    {
        refusal = LineOutcome.RejectedVersion;
        if (!TryToken(ref rest, out var version) || !version.SequenceEqual("1"u8)) return false;

        refusal = LineOutcome.RejectedHeader;
        if (!TryToken(ref rest, out var time) || !TryToken(ref rest, out var host) || !TryToken(ref rest, out var appName)) return false;
        if (!TryToken(ref rest, out _) || !TryToken(ref rest, out _)) return false;

        refusal = LineOutcome.RejectedStructuredData;
        if (!StructuredData.TrySkip(rest, out var structuredDataBytes)) return false;

        message.Time = time.SequenceEqual(Nil) ? default : SyslogTimestamp.ParseRfc3339(time);
        message.Host = host.SequenceEqual(Nil) ? default : host;
        message.AppName = appName.SequenceEqual(Nil) ? default : appName;
        message.Text = WithoutByteOrderMark(rest[structuredDataBytes..].TrimStart((byte)' '));
        message.TaggedText = message.Text;
        refusal = LineOutcome.IgnoredEmpty;
        return !message.Text.IsEmpty;
    }

    private static bool TryToken(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> token)
    {
        var blank = rest.IndexOf((byte)' ');
        token = blank < 0 ? rest : rest[..blank];
        if (blank <= 0) return false;
        rest = rest[(blank + 1)..];
        return true;
    }

    /// <summary>A relay may put a second mark before the first, and some senders write the letters that RFC 5424's examples print.</summary>
    private static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] is not (0xef or (byte)'B')) return text;
        for (var marks = 0; marks < 2 && text.StartsWith(ByteOrderMark); marks++) text = text[ByteOrderMark.Length..];
        if (text.StartsWith("BOM"u8)) text = text["BOM"u8.Length..];
        return text.TrimStart((byte)' ');
    }
}
