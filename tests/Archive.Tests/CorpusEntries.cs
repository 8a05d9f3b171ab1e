using System.Text;
using WgMonitor.Collector.Kernel;
using WgMonitor.Events;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.Archive.Tests;

/// <summary>What a recording becomes in the log: its lines as entries, with IDs of the time at which they were received.</summary>
internal static class CorpusEntries
{
    private static readonly string[] Kernel = [" kernel - - - ", " kernel: "];

    public static List<StreamEntry> Of(CorpusRun run)
    {
        var entries = new List<StreamEntry>();
        var id = new StreamId(1, 0);
        foreach (var datagram in run.Datagrams(run.DatagramForms[0]))
        {
            // <7>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - [   13.115771] wireguard: ...
            // <7>Nov 22 13:06:39 vpn-gw kernel: [   13.115771] wireguard: ...
            var text = Encoding.Latin1.GetString(datagram.Bytes.Span).TrimEnd('\n');
            var kernel = Array.Find(Kernel, mark => text.Contains(mark, StringComparison.Ordinal));
            if (kernel is null) continue;
            var at = datagram.ReceivedMicroseconds / 1000;
            var fields = new EventFields { Host = Encoding.ASCII.GetBytes(run.Hostname), At = at * 1000, Received = datagram.ReceivedMicroseconds };
            if (KernelMessageParser.Parse(Encoding.Latin1.GetBytes(text[(text.IndexOf(kernel, StringComparison.Ordinal) + kernel.Length)..]), ref fields) != KernelParse.Event) continue;
            var sink = new FieldList([]);
            EventEncoder.Write(fields, ref sink);
            id = at > id.Milliseconds ? new StreamId(at, 0) : id.Next();
            entries.Add(new StreamEntry(id, [.. sink.Fields]));
        }
        return entries;
    }

    /// <summary>An entry as one line, every byte of it.</summary>
    public static string Text(StreamEntry entry) =>
        $"{entry.Id} {string.Join(' ', entry.Fields.Select(field => $"{Convert.ToHexString(field.Name.Span)}={Convert.ToHexString(field.Value.Span)}"))}";

    private readonly struct FieldList(List<EventField> fields) : IEventFieldSink
    {
        public List<EventField> Fields => fields;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => fields.Add(new EventField(name.ToArray(), value.ToArray()));
    }
}
