using System.Buffers.Text;
using System.Globalization;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// Which entries between two points belong to whom: a line for each host and peer, <c>vpn-01/17 0 25003 0-1</c>, with the distances of its entries in
/// milliseconds and, behind a dash, the second half of an ID that is not 0. A host's entries without a peer stand in its line <c>vpn-01/</c>.
/// </summary>
internal sealed class EntryIndex
{
    private const int NameBytesMax = 255;

    private readonly Dictionary<string, (StringBuilder Line, long Last)> lines = new(StringComparer.Ordinal);
    private readonly long from;

    /// <param name="from">Entry of the point before: distances begin there.</param>
    public EntryIndex(StreamId from) => this.from = from.Milliseconds;

    public void Add(StreamEntry entry)
    {
        var owner = OwnerOf(entry);
        if (!lines.TryGetValue(owner, out var line)) line = (new StringBuilder(owner), from);
        line.Line.Append(CultureInfo.InvariantCulture, $" {entry.Id.Milliseconds - line.Last}");
        if (entry.Id.Sequence != 0) line.Line.Append(CultureInfo.InvariantCulture, $"-{entry.Id.Sequence}");
        lines[owner] = (line.Line, entry.Id.Milliseconds);
    }

    public byte[] ToText()
    {
        var text = new StringBuilder();
        foreach (var (line, _) in lines.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)) text.Append(line).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>IDs of a host's entries, or of one of its peers, in their order.</summary>
    /// <param name="text">What <see cref="ToText"/> gave.</param>
    /// <param name="from">As given to the writer.</param>
    /// <param name="filter">With a host.</param>
    public static List<StreamId> Find(ReadOnlySpan<byte> text, StreamId from, EntryFilter filter)
    {
        var ids = new List<StreamId>();
        var wanted = Encoding.UTF8.GetBytes(filter.Peer is { } peer ? string.Create(CultureInfo.InvariantCulture, $"{filter.Host}/{peer} ") : $"{filter.Host}/");
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.StartsWith(wanted)) ReadLine(line[line.IndexOf((byte)' ')..], from.Milliseconds, ids);
        }
        if (filter.Peer is null) ids.Sort();
        return ids;
    }

    private static void ReadLine(ReadOnlySpan<byte> distances, long milliseconds, List<StreamId> ids)
    {
        while (distances.Length > 1)
        {
            distances = distances[1..];
            if (!Utf8Parser.TryParse(distances, out long distance, out var used)) throw new InvalidDataException("An index of entries holds something else.");
            distances = distances[used..];
            long sequence = 0;
            if (distances.Length > 1 && distances[0] == (byte)'-')
            {
                if (!Utf8Parser.TryParse(distances[1..], out sequence, out used)) throw new InvalidDataException("An index of entries holds something else.");
                distances = distances[(used + 1)..];
            }
            ids.Add(new StreamId(milliseconds += distance, sequence));
        }
    }

    /// <summary>Host and peer as they stand in the entry. Who is no name of ours (another program can write here) shares the line of nobody.</summary>
    private static string OwnerOf(StreamEntry entry)
    {
        ReadOnlySpan<byte> host = default;
        ReadOnlySpan<byte> peer = default;
        foreach (var field in entry.Fields)
        {
            if (field.Name.Span.SequenceEqual(FieldNames.Host)) host = field.Value.Span;
            else if (field.Name.Span.SequenceEqual(FieldNames.Peer)) peer = field.Value.Span;
        }
        return IsName(host) && IsName(peer) ? $"{Encoding.ASCII.GetString(host)}/{Encoding.ASCII.GetString(peer)}" : "/";
    }

    private static bool IsName(ReadOnlySpan<byte> name) => name.Length <= NameBytesMax && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) && !name.Contains((byte)'/');
}
