using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>Keys of the history points of a partition.</summary>
public sealed class HistoryKeys(StreamKeys keys)
{
    /// <summary>Sorted set: every point, scored by its number; the member is <see cref="HistoryPoint.ToString"/>. A point that is not in it does not exist.</summary>
    public string Points(int partition) => keys.InPartition(partition, "history");

    /// <summary>Hash: what a point holds, by the ID of the entry it stands for; see <see cref="PointFields"/>.</summary>
    public string Point(int partition, string id) => keys.InPartition(partition, $"history:{id}");
}
