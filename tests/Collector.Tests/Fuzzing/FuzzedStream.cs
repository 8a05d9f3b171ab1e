using System.Text;

namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>Bytes of a stream under construction, and the damage that a hostile or broken sender does to them.</summary>
internal sealed class FuzzedStream(Random random)
{
    private byte[] bytes = new byte[256 << 10];
    private int length;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, length);

    public void Clear() => length = 0;

    public void Add(ReadOnlySpan<byte> part)
    {
        if (length + part.Length > bytes.Length) Array.Resize(ref bytes, 2 * (length + part.Length));
        part.CopyTo(bytes.AsSpan(length));
        length += part.Length;
    }

    public void Add(string latin1)
    {
        Span<byte> part = stackalloc byte[latin1.Length];
        Encoding.Latin1.GetBytes(latin1, part);
        Add(part);
    }

    public void Noise(int count)
    {
        Span<byte> part = stackalloc byte[count];
        random.NextBytes(part);
        Add(part);
    }

    /// <summary>True once in <paramref name="n"/>.</summary>
    public bool OneIn(int n) => random.Next(n) == 0;

    /// <summary>A byte flipped, a piece taken out, doubled, or the end cut off.</summary>
    public void Damage()
    {
        if (length == 0) return;
        var at = random.Next(length);
        var piece = Math.Min(random.Next(1, 40), length - at);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.AsSpan(at + piece, length - at - piece).CopyTo(bytes.AsSpan(at));
                length -= piece;
                break;
            case 2:
                Span<byte> doubled = stackalloc byte[40];
                bytes.AsSpan(at, piece).CopyTo(doubled);
                Add(doubled[..piece]);
                break;
            default:
                length = at;
                break;
        }
    }

    /// <summary>How many bytes a read gives next: often one, sometimes all.</summary>
    public int ReadLength(int left) => random.Next(4) switch
    {
        0 => 1,
        1 => Math.Min(left, random.Next(1, 16)),
        2 => Math.Min(left, random.Next(1, 2000)),
        _ => left,
    };
}
