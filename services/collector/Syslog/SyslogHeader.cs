namespace WgMonitor.Collector.Syslog;

/// <summary>
/// Bytes of one frame to its parts. Never throws on input, allocates nothing, reads every byte a small fixed number of times.
/// </summary>
/// <remarks>
/// The forms, as rsyslog's templates send them:
/// <code>
/// &lt;7&gt;Nov 22 13:06:39 vpn-gw kernel: text                                       RFC 3164
/// &lt;7&gt;2026-11-22T13:06:39.882452+00:00 vpn-gw kernel: text                     its layout with an RFC 3339 time
/// &lt;7&gt;1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - text LF           RFC 5424
/// &lt;7&gt;Nov 22 13:06:39 Message forwarded from vpn-gw: kernel: text             old relays
/// </code>
/// </remarks>
public static class SyslogHeader
{
    private const int PriorityMax = 191;
    private const int PriorityDigitsMax = 3;

    /// <summary>Takes a frame apart, or says in <paramref name="refusal"/> why not.</summary>
    /// <param name="frame">One message without its framing; line ends and NULs after it are dropped.</param>
    /// <param name="receivedMicroseconds">Time of receipt, Unix microseconds: RFC 3164 has no year.</param>
    /// <param name="strict">A message without <c>&lt;PRI&gt;</c> is refused.</param>
    /// <param name="message">The parts, as views into <paramref name="frame"/>.</param>
    /// <param name="refusal">Meaningful only with the result false.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> frame, long receivedMicroseconds, bool strict, out SyslogMessage message, out LineOutcome refusal)
    {
        message = default;
        refusal = LineOutcome.IgnoredEmpty;
        var line = frame.TrimEnd("\n\r\0"u8);
        if (line.IsEmpty) return false;

        refusal = FirstBytes(line);
        if (refusal != LineOutcome.Event) return false;

        refusal = LineOutcome.RejectedPriority;
        if (!TryPriority(line, strict, out var priority, out var consumed)) return false;
        message.Priority = priority;

        refusal = LineOutcome.RejectedControlCharacter;
        if (ControlCharacters.IsIn(line)) return false;

        var rest = line[consumed..];
        refusal = LineOutcome.IgnoredEmpty;
        if (rest.IsEmpty) return false;
        return HasVersion(rest)
            ? Rfc5424Header.TryParse(rest, ref message, out refusal)
            : Rfc3164Header.TryParse(rest, receivedMicroseconds, ref message, out refusal);
    }

    /// <summary>What the first bytes give away: other encodings, and a frame length where no framing is due.</summary>
    private static LineOutcome FirstBytes(ReadOnlySpan<byte> line)
    {
        if (line.Length >= 2 && (line[0] == 0 || line[1] == 0 || line.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || line.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])))
            return LineOutcome.RejectedEncoding;
        if (!char.IsAsciiDigit((char)line[0])) return LineOutcome.Event;
        var digits = line.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits > 0 && line[digits..].StartsWith(" <"u8) ? LineOutcome.RejectedUnexpectedFraming : LineOutcome.Event;
    }

    /// <summary><c>&lt;0&gt;</c> to <c>&lt;191&gt;</c> without leading zero; RFC 5424 section 6.2.1. Anything else indexed tables elsewhere.</summary>
    private static bool TryPriority(ReadOnlySpan<byte> line, bool strict, out int priority, out int consumed)
    {
        priority = SyslogMessage.PriorityUnknown;
        consumed = 0;
        // A blank in front of it is somebody's mistake, and not the lack of a priority.
        if (line[0] != '<') return !strict && !line.StartsWith(" <"u8);
        var value = 0;
        var at = 1;
        while (at < line.Length && at <= PriorityDigitsMax && char.IsAsciiDigit((char)line[at])) value = value * 10 + (line[at++] - '0');
        var digits = at - 1;
        if (digits == 0 || at >= line.Length || line[at] != '>' || value > PriorityMax || (digits > 1 && line[1] == '0')) return false;
        priority = value;
        consumed = at + 1;
        return true;
    }

    /// <summary>A number in front that is not the year of an RFC 3339 time is a version.</summary>
    private static bool HasVersion(ReadOnlySpan<byte> rest) =>
        char.IsAsciiDigit((char)rest[0]) && !(rest.Length > 4 && rest[4] == '-' && char.IsAsciiDigit((char)rest[3]));
}
