using System.Buffers.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>
/// The kernel's own stamp <c>[   27.319294] </c>, seconds since boot with six digits, and the caller behind it with CONFIG_PRINTK_CALLER:
/// <c>[  T158] </c> (task) or <c>[    C0] </c> (processor). Which of them reaches us depends on the syslog daemon and its version.
/// </summary>
/// <remarks>Source: kernel/printk/printk.c, print_time and print_caller.</remarks>
internal static class KernelStamp
{
    private const int SecondsDigitsMax = 12;
    private const int FractionDigits = 6;

    public static ReadOnlySpan<byte> TrimBlanks(ReadOnlySpan<byte> text) => text.TrimStart((byte)' ');

    public static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> text, scoped ref EventFields fields)
    {
        if (TryTakeBracket(text, out var inside, out var rest) && TryParseStamp(inside, out var uptime))
        {
            fields.Uptime = uptime;
            text = rest;
        }
        if (TryTakeBracket(text, out inside, out rest) && IsCaller(inside)) text = rest;
        return TrimBlanks(text);
    }

    private static bool TryTakeBracket(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> inside, out ReadOnlySpan<byte> rest)
    {
        inside = rest = default;
        if (text.IsEmpty || text[0] != '[') return false;
        var close = text.IndexOf((byte)']');
        if (close < 0) return false;
        inside = TrimBlanks(text[1..close]);
        rest = text[(close + 1)..];
        return true;
    }

    /// <summary>Seconds with six digits behind the point; fewer digits are taken too, as some relays shorten them.</summary>
    private static bool TryParseStamp(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        var point = text.IndexOf((byte)'.');
        if (point is < 1 or > SecondsDigitsMax) return false;
        var fraction = text[(point + 1)..];
        if (fraction.Length is < 1 or > FractionDigits) return false;
        if (!IsDigits(text[..point]) || !IsDigits(fraction)) return false;
        if (!Utf8Parser.TryParse(text[..point], out long seconds, out _) || !Utf8Parser.TryParse(fraction, out long part, out _)) return false;
        for (var i = fraction.Length; i < FractionDigits; i++) part *= 10;
        microseconds = seconds * 1_000_000 + part;
        return true;
    }

    private static bool IsCaller(ReadOnlySpan<byte> text) => text.Length > 1 && text[0] is (byte)'T' or (byte)'C' && IsDigits(text[1..]);

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
