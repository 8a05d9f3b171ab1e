namespace WgMonitor.Streams;

/// <summary>How many partitions each replica takes: all replicas that see the same members come to shares that add up to all partitions.</summary>
internal static class FairShare
{
    /// <param name="partitions">Partitions of the log.</param>
    /// <param name="members">Live replicas, any order.</param>
    /// <param name="self">This replica; counted even if it is not among <paramref name="members"/>.</param>
    /// <returns>The share, and the partition at which this replica starts to look for free ones, so that not all try the same first.</returns>
    public static (int Share, int First) Of(int partitions, IEnumerable<string> members, string self)
    {
        var sorted = members.Append(self).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var rank = Array.IndexOf(sorted, self);
        var share = partitions / sorted.Length + (rank < partitions % sorted.Length ? 1 : 0);
        return (share, (int)((long)rank * partitions / sorted.Length));
    }
}
