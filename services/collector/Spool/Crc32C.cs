using System.Buffers.Binary;
using System.Numerics;

namespace WgMonitor.Collector.Spool;

/// <summary>CRC-32C (Castagnoli) without the final inversion, by the processor's instruction. Finds every error of one to three bits.</summary>
internal static class Crc32C
{
    /// <summary>Goes on from <paramref name="check"/>, which is the result for the bytes before, or a seed.</summary>
    public static uint Append(uint check, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) check = BitOperations.Crc32C(check, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var single in bytes) check = BitOperations.Crc32C(check, single);
        return check;
    }
}
