using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace WgMonitor.Streams;

/// <summary>The position of an entry in a Redis stream, e.g. <c>1763820629123-4</c>; ordered as Redis orders it.</summary>
/// <param name="Milliseconds">Redis server time at the append, Unix milliseconds; never goes back inside one stream.</param>
/// <param name="Sequence">Counts the entries of one millisecond, from 0.</param>
public readonly record struct StreamId(long Milliseconds, long Sequence) : IComparable<StreamId>
{
    /// <summary>Before every entry: <c>0-0</c>.</summary>
    public static StreamId Zero => default;

    /// <summary>After every entry that can be written as two signed 64-bit numbers.</summary>
    public static StreamId Max => new(long.MaxValue, long.MaxValue);

    /// <summary>Reads <c>milliseconds-sequence</c> (both decimal, no sign, no blank) or <c>milliseconds</c> alone, which means sequence 0.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out StreamId id)
    {
        id = default;
        if (!TryDigits(text, out var milliseconds, out var used)) return false;
        if (used == text.Length)
        {
            id = new StreamId(milliseconds, 0);
            return true;
        }

        if (text[used] != (byte)'-') return false;
        var rest = text[(used + 1)..];
        if (!TryDigits(rest, out var sequence, out used) || used != rest.Length) return false;
        id = new StreamId(milliseconds, sequence);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out StreamId)"/>
    public static bool TryParse(string? text, out StreamId id)
    {
        id = default;
        if (text is null || text.Length > 41) return false;
        Span<byte> ascii = stackalloc byte[128];
        return Encoding.UTF8.TryGetBytes(text, ascii, out var length) && TryParse(ascii[..length], out id);
    }

    /// <summary>As <see cref="TryParse(string?, out StreamId)"/>.</summary>
    /// <exception cref="FormatException">The text is no stream ID.</exception>
    public static StreamId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no stream ID");

    /// <summary>The first possible position after this one.</summary>
    public StreamId Next() => Sequence == long.MaxValue ? new StreamId(Milliseconds + 1, 0) : new StreamId(Milliseconds, Sequence + 1);

    /// <inheritdoc/>
    public int CompareTo(StreamId other)
    {
        var byTime = Milliseconds.CompareTo(other.Milliseconds);
        return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
    }

    /// <summary>True if <paramref name="left"/> stands before <paramref name="right"/>.</summary>
    public static bool operator <(StreamId left, StreamId right) => left.CompareTo(right) < 0;

    /// <summary>True if <paramref name="left"/> stands after <paramref name="right"/>.</summary>
    public static bool operator >(StreamId left, StreamId right) => left.CompareTo(right) > 0;

    /// <summary>True if <paramref name="left"/> does not stand after <paramref name="right"/>.</summary>
    public static bool operator <=(StreamId left, StreamId right) => left.CompareTo(right) <= 0;

    /// <summary>True if <paramref name="left"/> does not stand before <paramref name="right"/>.</summary>
    public static bool operator >=(StreamId left, StreamId right) => left.CompareTo(right) >= 0;

    /// <summary>The form Redis prints and reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");

    private static bool TryDigits(ReadOnlySpan<byte> text, out long value, out int used)
    {
        value = 0;
        used = 0;
        // Utf8Parser takes signs; an ID has none.
        return text.Length > 0 && char.IsAsciiDigit((char)text[0]) && Utf8Parser.TryParse(text, out value, out used);
    }
}
