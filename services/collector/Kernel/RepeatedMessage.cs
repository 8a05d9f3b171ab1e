using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>
/// rsyslog's reduction of equal lines: <c>message repeated 3 times: [ wireguard: wg0: …]</c>. Without the kernel's stamp in the text
/// equal lines do follow each other.
/// </summary>
internal static class RepeatedMessage
{
    public static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> text, scoped ref EventFields fields)
    {
        if (!text.StartsWith("message repeated "u8) || text[^1] != ']') return text;
        var rest = text["message repeated "u8.Length..];
        if (!DecimalText.TryParsePrefix(rest, out int count, out var consumed) || count < 1) return text;
        rest = rest[consumed..];
        if (!rest.StartsWith(" times: ["u8)) return text;
        fields.Repeat = count;
        return KernelStamp.TrimBlanks(rest[" times: ["u8.Length..^1]);
    }
}
