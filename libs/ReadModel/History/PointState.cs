using System.Text;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>The state of a partition at a point: the last whole point before it, and the differences since. Hosts are read when asked for. Not thread-safe.</summary>
internal sealed class PointState
{
    private readonly PointReader reader;
    private readonly int partition;
    private readonly IReadOnlyList<HistoryPoint> row;
    private readonly Dictionary<string, List<Place>> places = new(StringComparer.Ordinal);

    // One unpacked part of each point: hosts are mostly read in order.
    private readonly OpenPart?[] open;

    /// <param name="reader">Reads the parts.</param>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="row">A whole point and the differences behind it.</param>
    /// <param name="hosts">Their field <c>hosts</c>.</param>
    public PointState(PointReader reader, int partition, IReadOnlyList<HistoryPoint> row, byte[][] hosts)
    {
        this.reader = reader;
        this.partition = partition;
        this.row = row;
        open = new OpenPart?[row.Count];
        for (var point = 0; point < hosts.Length; point++) AddPlaces(point, Encoding.UTF8.GetString(hosts[point]));
    }

    /// <summary>Before the first entry there was.</summary>
    public static PointState Beginning(PointReader reader, int partition) => new(reader, partition, [HistoryPoint.Beginning], [[]]);

    /// <summary>The point it stands for.</summary>
    public HistoryPoint Point => row[^1];

    /// <summary>Every host, in no order.</summary>
    public IReadOnlyCollection<string> Hosts => places.Keys;

    public bool Has(string host) => places.ContainsKey(host);

    /// <summary>The host with its peers; null for one that is not there, or whose lines hold something else.</summary>
    public async ValueTask<HostState?> ReadAsync(string host, CancellationToken cancellationToken)
    {
        if (!places.TryGetValue(host, out var found)) return null;
        var records = new List<HostRecord>(found.Count);
        foreach (var place in found)
        {
            if (await PartAsync(place.Point, place.Part, cancellationToken) is not { } part || place.Line >= part.Lines.Count) return null;
            if (reader.ReadHost(partition, row[place.Point], part.Text.AsSpan()[part.Lines[place.Line]]) is not { } record) return null;
            records.Add(record);
        }
        return HostRecord.Merge(records);
    }

    private async ValueTask<OpenPart?> PartAsync(int point, int number, CancellationToken cancellationToken)
    {
        if (open[point] is { } part && part.Number == number) return part;
        if (await reader.ReadAsync(partition, row[point], PointFields.Part(number), cancellationToken) is not { } text) return null;
        var lines = new List<Range>();
        foreach (var line in text.AsSpan().Split((byte)'\n')) lines.Add(line);
        return open[point] = new OpenPart(number, text, lines);
    }

    private void AddPlaces(int point, string text)
    {
        var parts = text.Split('\n');
        for (var part = 0; part < parts.Length; part++)
        {
            var names = parts[part].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (var line = 0; line < names.Length; line++)
            {
                if (!places.TryGetValue(names[line], out var found)) places.Add(names[line], found = []);
                found.Add(new Place(point, part, line));
            }
        }
    }

    private readonly record struct Place(int Point, int Part, int Line);

    private sealed record OpenPart(int Number, byte[] Text, List<Range> Lines);
}
