namespace WgMonitor.Collector.Syslog;

/// <summary>
/// Steps over the STRUCTURED-DATA of RFC 5424, e.g. <c>[origin ip="198.51.100.9"][x y="a \"quoted\" ]"]</c>. Nothing in it is ever used:
/// who a line is from must not depend on what the line says.
/// </summary>
/// <remarks>RFC 5424 section 6.3: inside quotes a backslash escapes <c>"</c>, <c>\</c> and <c>]</c>. One pass, every step takes a byte.</remarks>
internal static class StructuredData
{
    /// <summary>Length of the structured data at the start of <paramref name="text"/>; false where it is not closed or glued to what follows.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> text, out int consumed)
    {
        consumed = 0;
        if (text.IsEmpty) return false;
        if (text[0] == '-') consumed = 1;
        while (consumed < text.Length && text[consumed] == '[' && text[0] == '[')
        {
            if (!TrySkipElement(text[consumed..], out var elementBytes)) return false;
            consumed += elementBytes;
        }
        return consumed > 0 && (consumed == text.Length || text[consumed] == ' ');
    }

    private static bool TrySkipElement(ReadOnlySpan<byte> element, out int consumed)
    {
        var quoted = false;
        for (consumed = 1; consumed < element.Length; consumed++)
        {
            var b = element[consumed];
            if (quoted && b == '\\') consumed++;
            else if (b == '"') quoted = !quoted;
            else if (b == ']' && !quoted) return ++consumed > 2;
            else if (b == '[' && !quoted) return false;
        }
        return false;
    }
}
