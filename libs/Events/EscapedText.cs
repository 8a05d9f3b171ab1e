using System.Buffers;

namespace WgMonitor.Events;

/// <summary>
/// Text that came over the wire, made harmless: every byte outside printable ASCII, and the backslash, becomes <c>\xNN</c>, as /dev/kmsg does it.
/// A device name may hold any byte but <c>/</c>, <c>:</c> and white space; no such byte may reach a key, label, log or page raw.
/// </summary>
public static class EscapedText
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create(PlainBytes());

    /// <summary>How many times longer the escaped form can be.</summary>
    public const int GrowthMax = 4;

    public static bool IsPlain(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(Plain);

    /// <summary>Writes the escaped form; <paramref name="escaped"/> holds at least <see cref="GrowthMax"/> times the input.</summary>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> escaped)
    {
        var written = 0;
        foreach (var b in text)
        {
            if (Plain.Contains(b))
            {
                escaped[written++] = b;
                continue;
            }
            escaped[written++] = (byte)'\\';
            escaped[written++] = (byte)'x';
            escaped[written++] = HexDigit(b >> 4);
            escaped[written++] = HexDigit(b & 15);
        }
        return written;
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private static byte[] PlainBytes()
    {
        var plain = new List<byte>();
        for (var b = ' '; b <= '~'; b++)
        {
            if (b != '\\') plain.Add((byte)b);
        }
        return [.. plain];
    }
}
