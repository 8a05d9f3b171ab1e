using System.Globalization;
using System.Text;
using System.Text.Json;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Parked;

/// <summary>What is parked, as lines or as one JSON array. Names and values come from anywhere: every byte but printable ASCII is <c>\xNN</c>.</summary>
internal sealed class ParkedReport(TextWriter output, bool json)
{
    private const int TextMax = 300;

    private readonly List<Document> documents = [];
    private ParkedCounts counts;

    private sealed record Document(string Group, int Partition, string Id, string Reason, DateTimeOffset ParkedAt, string Event, IReadOnlyList<IReadOnlyList<string>> Fields);

    public void Add(ParkedEntry entry)
    {
        var fields = entry.Fields.Select(field => (IReadOnlyList<string>)[Escaped(field.Name.Span), Escaped(field.Value.Span)]).ToList();
        var name = fields.Find(field => field[0] == "event")?[1] ?? "";
        documents.Add(new(entry.Group, entry.Partition, entry.Id.ToString(), Escaped(Encoding.UTF8.GetBytes(entry.Reason)), entry.ParkedAt, name, fields));
    }

    public void Add(ParkedCounts some) => counts += some;

    public void End()
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(documents, CliJson.Readable));
            return;
        }
        foreach (var entry in documents)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Id} {entry.Group}, partition {entry.Partition}: {entry.Reason}, parked {entry.ParkedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
            output.WriteLine("  " + Cut(string.Join(' ', entry.Fields.Where(field => field[1].Length > 0).Select(field => $"{field[0]}={field[1]}"))));
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.Waiting} parked, {counts.Retried} retried, {counts.Discarded} discarded, {counts.Lost} lost because there were more than parked_max"));
    }

    private static string Cut(string text) => text.Length <= TextMax ? text : text[..TextMax] + "...";

    private static string Escaped(ReadOnlySpan<byte> text)
    {
        var escaped = new byte[text.Length * EscapedText.GrowthMax];
        return Encoding.ASCII.GetString(escaped, 0, EscapedText.Escape(text, escaped));
    }
}
