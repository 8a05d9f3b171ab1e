namespace WgMonitor.Streams;

/// <summary>Which partition a host's events go to. The answer must never change for a running log: all events of a host stand in one stream.</summary>
public static class Partitioner
{
    /// <summary>
    /// FNV-1a (32 bits) over the bytes of the host name, mixed by MurmurHash3's finalizer (FNV alone leaves its low bits uneven for
    /// names like <c>vpn-01</c> … <c>vpn-64</c>), modulo the number of partitions.
    /// </summary>
    /// <param name="hostUtf8">The host name as it stands in the events; upper and lower case differ.</param>
    /// <param name="partitions">1 or more.</param>
    public static int PartitionOf(ReadOnlySpan<byte> hostUtf8, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var hash = 2166136261u;
        foreach (var octet in hostUtf8) hash = (hash ^ octet) * 16777619u;
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        hash ^= hash >> 16;
        return (int)(hash % (uint)partitions);
    }
}
