using System.Buffers.Binary;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Relp;

/// <summary>
/// By what a repetition of a RELP message is known: who sent it, and a hash of its bytes. It is stored in one record with the event, so that after a crash
/// either both are there or none.
/// </summary>
/// <param name="Sender">Never 0.</param>
/// <param name="Frame">Of the message without its transaction number, which is another in every session.</param>
internal readonly record struct RelpFrameId(ulong Sender, ulong Frame)
{
    private const int Bytes = 16;

    public void AttachTo(EventBatch batch)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Sender);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[sizeof(ulong)..], Frame);
        batch.Attach(bytes);
    }

    /// <summary>What was attached to one batch, in order.</summary>
    public static IEnumerable<RelpFrameId> ReadAll(ReadOnlyMemory<byte> attached)
    {
        for (; attached.Length >= Bytes; attached = attached[Bytes..])
            yield return new(BinaryPrimitives.ReadUInt64LittleEndian(attached.Span), BinaryPrimitives.ReadUInt64LittleEndian(attached.Span[sizeof(ulong)..]));
    }
}
