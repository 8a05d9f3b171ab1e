using System.Buffers.Binary;
using System.Security.Cryptography;
using WgMonitor.Events;

namespace WgMonitor.Collector.Trust;

/// <summary>
/// 64 bits that stand for a name or an address in the tables of this process: small, of one size, and looked up without allocation.
/// </summary>
/// <remarks>
/// The key is new in every process and never leaves it (that of a spool: with it), so that no sender can choose names that meet in one place of a table. Two of a million names
/// share a value once in 37 million runs; then the second passes for known. No decision of the inventory or the allow-list rests on it.
/// </remarks>
internal sealed class IdentityHash
{
    // The odd constants of wyhash (github.com/wangyi-fudan/wyhash): any with mixed bits would do.
    private const ulong First = 0xa0761d6478bd642f;
    private const ulong Second = 0xe7037ed1a0b428db;

    private readonly ulong key;

    public IdentityHash()
        : this(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))))
    {
    }

    /// <summary>With a key of the caller's, so that values can be compared with those of another process.</summary>
    public IdentityHash(ulong key) => this.key = key;

    /// <summary>A name, within <paramref name="parent"/> if it has one.</summary>
    public ulong Of(ReadOnlySpan<byte> name, ulong parent = 0)
    {
        var state = Mix(parent ^ key, First ^ (ulong)name.Length);
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..]) state = Mix(state ^ BinaryPrimitives.ReadUInt64LittleEndian(name), Second);
        ulong rest = 0;
        foreach (var b in name) rest = rest << 8 | b;
        return Mix(state ^ rest, First);
    }

    /// <summary>A number within <paramref name="parent"/>.</summary>
    public ulong Of(ulong number, ulong parent) => Mix(Mix(parent ^ key, First) ^ number, Second);

    /// <summary>
    /// The network that one sender can be expected to hold: an IPv4 address, or the /64 of an IPv6 address, in which a host may take any address.
    /// </summary>
    public ulong Of(InternetAddress source)
    {
        var network = source.IsV4 ? source : source.Network(64);
        return Of((ulong)(network.Bits >> 64), Of((ulong)network.Bits, source.IsV4 ? 4UL : 6UL));
    }

    private static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
