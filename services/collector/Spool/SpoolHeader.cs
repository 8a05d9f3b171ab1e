using System.Buffers.Binary;

namespace WgMonitor.Collector.Spool;

/// <summary>
/// The head of one record of the spool; the packed events of a batch, its packed shapes and what is attached to it follow. Little endian:
/// <code>
///  0 magic "WgS2"    4 partition     8 batch number (8)    16 written, Unix microseconds (8)
/// 24 events         28 event bytes  32 shape bytes         36 attached bytes                40 check of the body
/// 44 check of bytes 0 to 43
/// </code>
/// </summary>
/// <remarks>
/// The head has a check of its own, so that a damaged body is skipped by its length. Both checks begin with a seed made from the producer's id: nobody
/// who only sends lines can write bytes that look like a record, and records of another spool are none here.
/// </remarks>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Number">Of the batch, see <see cref="Streams.EventAppender"/>.</param>
/// <param name="Written">Wall clock, Unix microseconds.</param>
/// <param name="Events">In the batch, 1 or more.</param>
/// <param name="EventBytes">Length of the packed events.</param>
/// <param name="ShapeBytes">Length of the packed shapes.</param>
/// <param name="AttachedBytes">Length of what is attached, 0 or more.</param>
/// <param name="BodyCheck">CRC-32C of the three.</param>
internal readonly record struct SpoolHeader(int Partition, long Number, long Written, int Events, int EventBytes, int ShapeBytes, int AttachedBytes, uint BodyCheck)
{
    public const int Bytes = 48;

    private const int CheckAt = 44;

    // An array of MessagePack is never shorter.
    private const int BlobBytesMin = 5;

    public static ReadOnlySpan<byte> Magic => "WgS2"u8;

    /// <summary>Head and body.</summary>
    public int RecordBytes => Bytes + BodyBytes;

    public int BodyBytes => EventBytes + ShapeBytes + AttachedBytes;

    public void Write(Span<byte> target, uint seed)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], Partition);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Written);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], Events);
        BinaryPrimitives.WriteInt32LittleEndian(target[28..], EventBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], ShapeBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], AttachedBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[40..], BodyCheck);
        BinaryPrimitives.WriteUInt32LittleEndian(target[CheckAt..], Crc32C.Append(seed, target[..CheckAt]));
    }

    /// <summary>False for anything that <see cref="Write"/> did not write with the same seed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, uint seed, out SpoolHeader header)
    {
        header = default;
        if (source.Length < Bytes || !source.StartsWith(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[CheckAt..]) != Crc32C.Append(seed, source[..CheckAt])) return false;
        header = new(
            BinaryPrimitives.ReadInt32LittleEndian(source[4..]), BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]), BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[28..]), BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[36..]), BinaryPrimitives.ReadUInt32LittleEndian(source[40..]));
        return header is { Events: > 0, EventBytes: >= BlobBytesMin, ShapeBytes: >= BlobBytesMin, AttachedBytes: >= 0 }
            && (long)header.EventBytes + header.ShapeBytes + header.AttachedBytes < int.MaxValue - Bytes;
    }
}
