using System.Globalization;
using System.Net;
using System.Text;

namespace WgMonitor.Hosting;

/// <summary>Values as people write and read them: durations <c>"30s"</c>, sizes <c>"64MiB"</c>, and safe printing without credentials.</summary>
internal static class ValueText
{
    private const int ShownCharactersMax = 80;

    private static readonly (string Unit, long Ticks)[] DurationUnits =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("B", 1), ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
    ];

    /// <summary>A whole number directly followed by ms, s, m, h or d; not negative.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var sound = TryParseUnits(text, DurationUnits, out var ticks);
        duration = new(ticks);
        return sound;
    }

    /// <summary>A whole number directly followed by B, KiB, MiB, GiB or TiB; not negative.</summary>
    public static bool TryParseSize(string text, out long bytes) => TryParseUnits(text, SizeUnits, out bytes);

    /// <summary>The largest unit that needs no fraction: 90 s is <c>90s</c>, 120 s is <c>2m</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration == Timeout.InfiniteTimeSpan) return "never";
        if (duration.Ticks % TimeSpan.TicksPerMillisecond != 0) return duration.ToString("c", CultureInfo.InvariantCulture);
        return Units(duration.Ticks, DurationUnits) ?? "0s";
    }

    /// <summary>The largest unit that needs no fraction.</summary>
    public static string Size(long bytes) => Units(bytes, SizeUnits) ?? "0B";

    /// <summary>
    /// <c>127.0.0.1:9999</c>, <c>[::1]:9999</c>, or <c>localhost:9999</c> for the IPv4 loopback. No other name: what a process listens on
    /// must not depend on a resolver.
    /// </summary>
    public static bool TryParseEndPoint(string text, out IPEndPoint endPoint)
    {
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) text = "127.0.0.1" + text["localhost".Length..];
        // A bare port or a bare IPv6 address parses as an address without port; both are slips here.
        var hostEnd = text.StartsWith('[') ? text.IndexOf(']') + 1 : text.IndexOf(':');
        endPoint = null!;
        return hostEnd > 0 && hostEnd < text.Length - 1 && text[hostEnd] == ':' && IPEndPoint.TryParse(text, out endPoint!);
    }

    /// <summary>A node as it may stand in a message: text in quotes, shortened, without control characters and without passwords of URLs.</summary>
    public static string Show(ConfigurationNode node) => node switch
    {
        ValueNode { Value: string text } => Quote(text),
        ValueNode { Value: bool flag } => flag ? "true" : "false",
        ValueNode { Value: double number } => number.ToString("R", CultureInfo.InvariantCulture),
        ValueNode { Value: TomlDate date } => date.Text,
        ValueNode { Value: var value } => value.ToString()!,
        ListNode => "a list",
        _ => "a table",
    };

    /// <summary>Text in quotes, shortened, without control characters and without the password of a URL.</summary>
    public static string Quote(string text, int charactersMax = ShownCharactersMax)
    {
        text = WithoutUrlPassword(text);
        var shown = new StringBuilder("\"", Math.Min(text.Length, charactersMax) + 3);
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, charactersMax)))
        {
            if (char.IsControl(character)) shown.Append($"\\u{(int)character:x4}");
            else if (character is '"' or '\\') shown.Append('\\').Append(character);
            else shown.Append(character);
        }

        return shown.Append(text.Length > charactersMax ? "…\"" : "\"").ToString();
    }

    private static string WithoutUrlPassword(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3) return text;
        var authorityLength = text.AsSpan(start).IndexOfAny('/', '?', '#');
        var end = authorityLength < 0 ? text.Length : start + authorityLength;
        var at = text.LastIndexOf('@', end - 1, end - start);
        if (at < 0) return text;
        var colon = text.IndexOf(':', start, at - start);
        return colon < 0 ? text : $"{text[..(colon + 1)]}<secret>{text[at..]}";
    }

    private static bool TryParseUnits(string text, (string Unit, long Factor)[] units, out long amount)
    {
        amount = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var unit = text[digits..];
        foreach (var (name, factor) in units)
        {
            if (!name.Equals(unit, StringComparison.OrdinalIgnoreCase)) continue;
            if (number > long.MaxValue / factor) return false;
            amount = number * factor;
            return true;
        }

        return false;
    }

    private static string? Units(long amount, (string Unit, long Factor)[] units)
    {
        for (var i = units.Length - 1; i >= 0; i--)
            if (amount != 0 && amount % units[i].Factor == 0) return amount / units[i].Factor + units[i].Unit;
        return null;
    }
}
