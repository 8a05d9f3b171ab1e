namespace WgMonitor.Collector.Syslog;

/// <summary>How far the time of a syslog header can be used.</summary>
public enum SyslogTimeKind
{
    /// <summary>The header has no time (<c>-</c>).</summary>
    None,

    /// <summary>A local time of an unknown zone, and with RFC 3164 of an unknown year: good for display, never for order.</summary>
    WithoutOffset,

    /// <summary>A point in time.</summary>
    WithOffset,

    /// <summary>There is something, but no such time exists (30 February, hour 24, second 60), or it is not a time at all.</summary>
    Invalid,
}

/// <summary>
/// The time of a syslog header, e.g. <c>Nov 22 13:06:39</c> or <c>2026-11-22T13:06:39.882452+00:00</c>.
/// </summary>
/// <param name="Kind">What the number is worth.</param>
/// <param name="UnixMicroseconds">Microseconds since 1970; without offset as if it were UTC; 0 where there is no time.</param>
/// <remarks>
/// RFC 3164 section 4.1.2; RFC 5424 section 6.2.3 (no leap second, at most six fraction digits; more are read and dropped).
/// The culture is never asked: months are ASCII, in any case.
/// </remarks>
public readonly record struct SyslogTimestamp(SyslogTimeKind Kind, long UnixMicroseconds)
{
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;
    private const long HalfYear = 183 * MicrosecondsPerDay;

    // Year 9892: nothing after it has a year in four digits either way.
    private const long ReceivedMax = 250_000_000_000_000_000;

    private static readonly SyslogTimestamp Invalid = new(SyslogTimeKind.Invalid, 0);

    /// <summary>Reads a whole RFC 3339 token. What is no time becomes <see cref="SyslogTimeKind.Invalid"/>: the line is still good.</summary>
    public static SyslogTimestamp ParseRfc3339(ReadOnlySpan<byte> token)
    {
        if (token.Length < 19 || token[4] != '-' || token[7] != '-' || (token[10] | 0x20) is not ('t' or ' ')) return Invalid;
        if (!TryDate(FourDigits(token, 0), TwoDigits(token, 5), TwoDigits(token, 8), out var day)) return Invalid;
        if (!TryClock(token[11..], out var clock, out var consumed)) return Invalid;
        if (!TryOffset(token[(11 + consumed)..], out var kind, out var offset)) return Invalid;
        return new(kind, day + clock - offset);
    }

    /// <summary>
    /// Reads <c>Mmm d HH:MM:SS</c> at the start of <paramref name="text"/>, also with a two-digit day, with a year before or after the clock,
    /// and with the mark <c>*</c> or <c>.</c> that some devices put in front. False when the text has not this shape.
    /// </summary>
    public static bool TryParseRfc3164(ReadOnlySpan<byte> text, long receivedMicroseconds, out SyslogTimestamp time, out int consumed)
    {
        time = Invalid;
        consumed = 0;
        // Cisco devices mark an unsynchronised clock with one of these.
        var at = !text.IsEmpty && text[0] is (byte)'*' or (byte)'.' ? 1 : 0;
        var month = Month(text[at..]);
        if (month == 0) return false;
        at += 3;
        if (!SkipBlanks(text, ref at, 2) || !TryShortNumber(text, ref at, out var day)) return false;
        if (!SkipBlanks(text, ref at, 2)) return false;
        TryYear(text, ref at, out var year);
        if (!HasClockShape(text[at..])) return false;
        var valid = TryClock(text[at..], out var clock, out var clockBytes);
        at += clockBytes;
        if (at < text.Length && text[at] != ' ') return false;
        if (year < 0 && at < text.Length)
        {
            var afterBlank = at + 1;
            if (TryYear(text, ref afterBlank, out year)) at = afterBlank - 1;
        }
        consumed = at;
        if (year < 0) year = NearestYear(month, day, receivedMicroseconds);
        if (valid && TryDate(year, month, day, out var date)) time = new(SyslogTimeKind.WithoutOffset, date + clock);
        return true;
    }

    /// <summary>The year in which the date is nearest to the time of receipt: 31 December received on 1 January is last year's.</summary>
    private static int NearestYear(int month, int day, long receivedMicroseconds)
    {
        var year = DateTime.UnixEpoch.AddTicks(Math.Clamp(receivedMicroseconds, 0, ReceivedMax) * TimeSpan.TicksPerMicrosecond).Year;
        var distance = DaysFromCivil(year, month, day) * MicrosecondsPerDay - receivedMicroseconds;
        return distance > HalfYear ? year - 1 : distance < -HalfYear ? year + 1 : year;
    }

    private static bool HasClockShape(ReadOnlySpan<byte> text) =>
        text.Length >= 8 && text[2] == ':' && text[5] == ':' && TwoDigits(text, 0) >= 0 && TwoDigits(text, 3) >= 0 && TwoDigits(text, 6) >= 0;

    /// <summary><c>HH:MM:SS[.fraction]</c>. False with the bytes consumed where the shape is right but no such time exists.</summary>
    private static bool TryClock(ReadOnlySpan<byte> text, out long microseconds, out int consumed)
    {
        microseconds = 0;
        consumed = 0;
        if (!HasClockShape(text)) return false;
        int hour = TwoDigits(text, 0), minute = TwoDigits(text, 3), second = TwoDigits(text, 6);
        consumed = 8;
        if (text.Length > 9 && text[8] is (byte)'.' or (byte)',' && char.IsAsciiDigit((char)text[9])) consumed += 1 + Fraction(text[9..], out microseconds);
        microseconds += ((hour * 60L + minute) * 60 + second) * MicrosecondsPerSecond;
        return hour < 24 && minute < 60 && second < 60;
    }

    private static int Fraction(ReadOnlySpan<byte> digits, out long microseconds)
    {
        microseconds = 0;
        var scale = MicrosecondsPerSecond / 10;
        var at = 0;
        while (at < digits.Length && char.IsAsciiDigit((char)digits[at]))
        {
            microseconds += scale * (digits[at++] - '0');
            scale /= 10;
        }
        return at;
    }

    /// <summary><c>Z</c>, <c>+HH:MM</c>, <c>-HH:MM</c> or nothing. RFC 3339 section 4.3: <c>-00:00</c> is UTC of an unknown place.</summary>
    private static bool TryOffset(ReadOnlySpan<byte> text, out SyslogTimeKind kind, out long microseconds)
    {
        kind = SyslogTimeKind.WithOffset;
        microseconds = 0;
        if (text.IsEmpty) kind = SyslogTimeKind.WithoutOffset;
        if (text.IsEmpty || (text.Length == 1 && (text[0] | 0x20) == 'z')) return true;
        if (text.Length != 6 || text[3] != ':' || text[0] is not ((byte)'+' or (byte)'-')) return false;
        int hours = TwoDigits(text, 1), minutes = TwoDigits(text, 4);
        if (hours is < 0 or > 23 || minutes is < 0 or > 59) return false;
        microseconds = (hours * 60L + minutes) * 60 * MicrosecondsPerSecond * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDate(int year, int month, int day, out long microseconds)
    {
        microseconds = 0;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        microseconds = DaysFromCivil(year, month, day) * MicrosecondsPerDay;
        return true;
    }

    /// <summary>Days since 1970-01-01 in the proleptic Gregorian calendar, years counted from March so that the leap day comes last.</summary>
    private static long DaysFromCivil(int year, int month, int day)
    {
        if (month <= 2) year--;
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return 365L * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468;
    }

    private static int Month(ReadOnlySpan<byte> text)
    {
        if (text.Length < 4 || text[3] != ' ') return 0;
        return ((text[0] | 0x20) << 16 | (text[1] | 0x20) << 8 | (text[2] | 0x20)) switch
        {
            'j' << 16 | 'a' << 8 | 'n' => 1,
            'f' << 16 | 'e' << 8 | 'b' => 2,
            'm' << 16 | 'a' << 8 | 'r' => 3,
            'a' << 16 | 'p' << 8 | 'r' => 4,
            'm' << 16 | 'a' << 8 | 'y' => 5,
            'j' << 16 | 'u' << 8 | 'n' => 6,
            'j' << 16 | 'u' << 8 | 'l' => 7,
            'a' << 16 | 'u' << 8 | 'g' => 8,
            's' << 16 | 'e' << 8 | 'p' => 9,
            'o' << 16 | 'c' << 8 | 't' => 10,
            'n' << 16 | 'o' << 8 | 'v' => 11,
            'd' << 16 | 'e' << 8 | 'c' => 12,
            _ => 0,
        };
    }

    private static bool SkipBlanks(ReadOnlySpan<byte> text, ref int at, int blanksMax)
    {
        var start = at;
        while (at < text.Length && text[at] == ' ' && at - start < blanksMax) at++;
        return at > start;
    }

    private static bool TryShortNumber(ReadOnlySpan<byte> text, ref int at, out int number)
    {
        var start = at;
        number = 0;
        while (at < text.Length && at - start < 2 && char.IsAsciiDigit((char)text[at])) number = number * 10 + (text[at++] - '0');
        return at > start;
    }

    /// <summary>Four digits and a blank: a year, and never a host called <c>2026</c>.</summary>
    private static bool TryYear(ReadOnlySpan<byte> text, ref int at, out int year)
    {
        year = -1;
        if (at + 5 > text.Length || text[at + 4] != ' ') return false;
        year = FourDigits(text, at);
        if (year >= 0) at += 5;
        return year >= 0;
    }

    private static int FourDigits(ReadOnlySpan<byte> text, int at)
    {
        int high = TwoDigits(text, at), low = TwoDigits(text, at + 2);
        return high < 0 || low < 0 ? -1 : high * 100 + low;
    }

    private static int TwoDigits(ReadOnlySpan<byte> text, int at)
    {
        if ((uint)at + 1 >= (uint)text.Length) return -1;
        int tens = text[at] - '0', ones = text[at + 1] - '0';
        return (uint)tens > 9 || (uint)ones > 9 ? -1 : tens * 10 + ones;
    }
}
