using System.Buffers.Binary;
using System.Text;

namespace WgMonitor.Streams;

/// <summary>
/// Writes the little MessagePack that the scripts unpack: arrays, strings, integers. The buffer is reused.
/// </summary>
/// <remarks>
/// The Redis client sends from the buffer itself and may still do so after a time-out (the message waits in its backlog). Whoever gave the buffer away
/// and did not get a clean answer calls <see cref="Abandon"/>; the next <see cref="Clear"/> then takes a new one instead of changing bytes that are on
/// their way.
/// </remarks>
internal sealed class MessagePackWriter(int capacity = 4096)
{
    private byte[] buffer = new byte[capacity];
    private bool abandoned;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, Length);

    public void Abandon() => abandoned = true;

    public void Clear()
    {
        Length = 0;
        if (!abandoned) return;
        buffer = new byte[buffer.Length];
        abandoned = false;
    }

    /// <summary>Starts an array whose count is not known yet; returns the place for <see cref="PatchArray"/>.</summary>
    public int BeginArray()
    {
        var at = Length;
        Reserve(5)[0] = 0xdd;
        Length += 5;
        return at;
    }

    /// <summary>A number from 0 to 2^31 - 1 that is not known yet; <see cref="PatchNumber"/> sets it.</summary>
    public void BeginNumber()
    {
        Reserve(5)[0] = 0xce;
        Length += 5;
    }

    public void PatchNumber(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at + 1), value);

    /// <summary>Something packed before.</summary>
    public void Raw(ReadOnlySpan<byte> packed)
    {
        packed.CopyTo(Reserve(packed.Length));
        Length += packed.Length;
    }

    public void PatchArray(int at, int count) => BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at + 1), count);

    /// <summary>The count of an array that <see cref="BeginArray"/> began and <see cref="PatchArray"/> finished.</summary>
    public static int ArrayCount(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadInt32BigEndian(packed[1..]);

    public void Integer(long value)
    {
        var span = Reserve(9);
        if (value is >= 0 and < 128)
        {
            span[0] = (byte)value;
            Length += 1;
            return;
        }

        span[0] = 0xd3;
        BinaryPrimitives.WriteInt64BigEndian(span[1..], value);
        Length += 9;
    }

    public void Text(string value)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(value, utf8, out var length)) Text(utf8[..length]);
        else Text(Encoding.UTF8.GetBytes(value));
    }

    public void Text(ReadOnlySpan<byte> value)
    {
        var span = Reserve(value.Length + 5);
        int head;
        if (value.Length < 32)
        {
            span[0] = (byte)(0xa0 | value.Length);
            head = 1;
        }
        else if (value.Length <= ushort.MaxValue)
        {
            span[0] = 0xda;
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)value.Length);
            head = 3;
        }
        else
        {
            span[0] = 0xdb;
            BinaryPrimitives.WriteInt32BigEndian(span[1..], value.Length);
            head = 5;
        }

        value.CopyTo(span[head..]);
        Length += head + value.Length;
    }

    private Span<byte> Reserve(int count)
    {
        if (buffer.Length - Length < count) Grow(count);
        return buffer.AsSpan(Length);
    }

    private void Grow(int count)
    {
        var larger = new byte[Math.Max(buffer.Length * 2, Length + count)];
        buffer.AsSpan(0, Length).CopyTo(larger);
        buffer = larger;
        abandoned = false;
    }
}
