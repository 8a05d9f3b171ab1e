namespace WgMonitor.Events;

/// <summary>Text form of IPv6: groups of hex digits, one <c>::</c>, optional dotted tail; RFC 4291 2.2 and RFC 5952.</summary>
internal static class InternetAddressV6
{
    private const int Groups = 8;

    public static bool TryParsePrefix(ReadOnlySpan<byte> text, out UInt128 address, out int consumed)
    {
        address = 0;
        consumed = 0;
        Span<ushort> groups = stackalloc ushort[Groups];
        int count = 0, compressedAt = -1, at = 0;
        if (text.StartsWith("::"u8))
        {
            compressedAt = 0;
            at = 2;
        }
        while (count < Groups && at < text.Length)
        {
            if (count <= Groups - 2 && InternetAddress.TryParseV4(text[at..], out var tail, out var tailBytes))
            {
                groups[count++] = (ushort)(tail >> 16);
                groups[count++] = (ushort)tail;
                at += tailBytes;
                break;
            }
            if (!TryParseGroup(text, ref at, out groups[count])) break;
            count++;
            if (at >= text.Length || text[at] != ':') break;
            if (at + 1 < text.Length && text[at + 1] == ':')
            {
                if (compressedAt >= 0) return false;
                compressedAt = count;
                at += 2;
            }
            else if (count < Groups && at + 1 < text.Length && char.IsAsciiHexDigit((char)text[at + 1])) at++;
            else break;
        }
        // "::" stands for at least one group of zeros; without it all eight groups are there.
        if (compressedAt < 0 ? count != Groups : count >= Groups) return false;
        if (at < text.Length && (text[at] == ':' || char.IsAsciiHexDigit((char)text[at]))) return false;
        for (var i = 0; i < Groups; i++) address = address << 16 | GroupAt(groups, count, compressedAt, i);
        consumed = at;
        return true;
    }

    private static bool TryParseGroup(ReadOnlySpan<byte> text, ref int at, out ushort group)
    {
        var value = 0;
        var start = at;
        while (at < text.Length && at - start < 4 && char.IsAsciiHexDigit((char)text[at])) value = value << 4 | HexValue(text[at++]);
        group = (ushort)value;
        return at > start && (at >= text.Length || !char.IsAsciiHexDigit((char)text[at]));
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static ushort GroupAt(ReadOnlySpan<ushort> groups, int count, int compressedAt, int index)
    {
        if (compressedAt < 0 || index < compressedAt) return groups[index];
        var fromEnd = Groups - index;
        return fromEnd <= count - compressedAt ? groups[count - fromEnd] : (ushort)0;
    }

    /// <summary>RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as <c>::</c>, the first one of equals.</summary>
    public static int Format(UInt128 address, Span<byte> utf8)
    {
        Span<ushort> groups = stackalloc ushort[Groups];
        for (var i = 0; i < Groups; i++) groups[i] = (ushort)(address >> (112 - 16 * i));
        var (runStart, runLength) = LongestZeroRun(groups);
        var written = 0;
        for (var i = 0; i < Groups; i++)
        {
            if (i == runStart)
            {
                utf8[written++] = (byte)':';
                if (i + runLength == Groups) utf8[written++] = (byte)':';
                i += runLength - 1;
                continue;
            }
            if (i > 0) utf8[written++] = (byte)':';
            groups[i].TryFormat(utf8[written..], out var digits, "x");
            written += digits;
        }
        return written;
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        var best = (Start: -1, Length: 1);
        for (var i = 0; i < Groups; i++)
        {
            var end = i;
            while (end < Groups && groups[end] == 0) end++;
            if (end - i > best.Length) best = (i, end - i);
            if (end > i) i = end;
        }
        return best;
    }
}
