using System.Buffers.Text;

namespace WgMonitor.Events;

/// <summary>
/// Decimal numbers exactly as the kernel's <c>%llu</c> and <c>%d</c> print them: ASCII digits, no sign on unsigned, no leading zero.
/// The framework's parsers take <c>+17</c>, <c>007</c> and, as strings, digits of other scripts.
/// </summary>
public static class DecimalText
{
    private const int UInt64DigitsMax = 20;

    /// <summary>The number at the start of <paramref name="text"/>; false when there is none or it does not fit 64 bits.</summary>
    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out ulong value, out int consumed)
    {
        value = 0;
        consumed = 0;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit((char)text[digits]))
        {
            if (++digits > UInt64DigitsMax) return false;
        }
        if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
        return Utf8Parser.TryParse(text[..digits], out value, out consumed) && consumed == digits;
    }

    /// <summary>The same with an optional minus, 32 bits.</summary>
    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out int value, out int consumed)
    {
        value = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        if (!TryParsePrefix(negative ? text[1..] : text, out ulong magnitude, out consumed) || magnitude > int.MaxValue) return false;
        consumed += negative ? 1 : 0;
        value = negative ? -(int)magnitude : (int)magnitude;
        return true;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out ulong value) => TryParsePrefix(text, out value, out var consumed) && consumed == text.Length;

    public static bool TryParse(ReadOnlySpan<byte> text, out int value) => TryParsePrefix(text, out value, out var consumed) && consumed == text.Length;

    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        var negative = !text.IsEmpty && text[0] == '-';
        var valid = TryParse(negative ? text[1..] : text, out ulong magnitude) && magnitude <= long.MaxValue;
        value = valid ? (negative ? -(long)magnitude : (long)magnitude) : 0;
        return valid;
    }
}
