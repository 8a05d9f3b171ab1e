using System.Text;
using System.Text.Json;
using WgMonitor.Events;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// What the hash of a point holds: <c>hosts</c>, a line of names for each part of the state; the parts <c>s0</c>, <c>s1</c>, … with a line for each of those hosts
/// (<see cref="HostRecord"/>); <c>records</c> (<see cref="HistoryRecordLines"/>); <c>entries</c> (<see cref="EntryIndex"/>). All packed by <see cref="PackedText"/>.
/// </summary>
public static class PointFields
{
    /// <summary>State in one part before it is packed: one host is found without unpacking all, and packing still sees many alike.</summary>
    private const int PartBytes = 256 * 1024;

    internal const string Hosts = "hosts";
    internal const string Records = "records";
    internal const string Entries = "entries";

    internal static string Part(int part) => $"s{part}";

    /// <summary>Order of hosts in points and of peers in lists: by name with the slash that follows it in a peer's id.</summary>
    internal static int CompareHosts(string left, string right) => string.CompareOrdinal($"{left}/", $"{right}/");

    /// <summary>The state as fields.</summary>
    /// <param name="hosts">In order of <see cref="CompareHosts"/>.</param>
    /// <param name="bytes">What the fields take.</param>
    internal static List<EventField> OfState(IEnumerable<HostRecord> hosts, out long bytes)
    {
        var fields = new List<EventField>();
        var names = new StringBuilder();
        using var part = new MemoryStream();
        var parts = 0;
        foreach (var host in hosts)
        {
            names.Append(part.Length == 0 ? "" : " ").Append(host.Host);
            JsonSerializer.Serialize(part, host, HistoryJson.Default.HostRecord);
            part.WriteByte((byte)'\n');
            if (part.Length < PartBytes) continue;
            fields.Add(Packed(Part(parts++), part.GetBuffer().AsSpan(0, (int)part.Length)));
            part.SetLength(0);
            names.Append('\n');
        }
        if (part.Length > 0) fields.Add(Packed(Part(parts), part.GetBuffer().AsSpan(0, (int)part.Length)));
        fields.Add(Packed(Hosts, Encoding.UTF8.GetBytes(names.ToString())));
        bytes = fields.Sum(field => (long)field.Value.Length);
        return fields;
    }

    internal static EventField OfRecords(IReadOnlyCollection<HistoryRecord> records) => Packed(Records, HistoryRecordLines.Write(records));

    internal static EventField OfEntries(EntryIndex entries) => Packed(Entries, entries.ToText());

    private static EventField Packed(string name, ReadOnlySpan<byte> text) => new(Encoding.ASCII.GetBytes(name), PackedText.Pack(text));
}
