using System.Text;
using WgMonitor.Collector.Kernel;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary>The table in <c>docs/events.md</c> is what the code says. <c>make docs</c> writes it anew.</summary>
public sealed class EventTableTests
{
    private const string Document = "docs/events.md";

    private static readonly (EventShape Flag, string Fields)[] Fields =
    [
        (EventShape.Interface, "interface"), (EventShape.Peer, "peer"), (EventShape.Endpoint, "endpoint"), (EventShape.Keypair, "keypair"),
        (EventShape.Seconds, "seconds"), (EventShape.Attempt, "attempt"), (EventShape.Attempts, "attempts"), (EventShape.Error, "error"),
        (EventShape.Nonces, "nonce, nonce_max"), (EventShape.Count, "count"), (EventShape.Source, "source"), (EventShape.Destination, "destination"),
        (EventShape.OldName, "old_name"), (EventShape.Version, "version"), (EventShape.Text, "text"),
        (EventShape.Reason, "reason"), (EventShape.From, "from"), (EventShape.To, "to"), (EventShape.Usual, "usual"),
        (EventShape.LastTimes, "last_handshake, last_keepalive"),
    ];

    [Fact]
    public void The_table_lists_every_event_with_its_fields_and_a_line_that_becomes_it()
    {
        var examples = Examples();
        var rows = Enum.GetValues<EventKind>().Select(kind =>
        {
            var shape = EventShapes.Of(kind);
            var fields = string.Join(", ", Fields.Where(field => shape.HasFlag(field.Flag)).Select(field => field.Fields));
            return $"| `{EventNames.Of(kind)}` | {fields} | {(examples.TryGetValue(kind, out var line) ? $"`{line}`" : "")} |";
        });

        GeneratedTable.Check(Document, ["| event | fields | a line that becomes it |", "|---|---|---|", .. rows]);
    }

    /// <summary>The first verbatim line of every kind in the list of all kernel messages, as the parser sees it.</summary>
    private static Dictionary<EventKind, string> Examples()
    {
        var lines = Repository.Read("tests/Corpus/messages.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var column = Array.IndexOf(lines[0].Split('\t'), "example");
        var examples = new Dictionary<EventKind, string>();
        foreach (var line in lines.Skip(1).Select(row => row.Split('\t')[column]))
        {
            var fields = new EventFields();
            if (KernelMessageParser.Parse(Encoding.UTF8.GetBytes(line), ref fields) == KernelParse.Event) examples.TryAdd(fields.Kind, line);
        }

        return examples;
    }
}
