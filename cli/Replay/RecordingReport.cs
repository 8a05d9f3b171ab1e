using System.Text.Json;
using WgMonitor.Collector;
using WgMonitor.Collector.Sources;

namespace WgMonitor.Cli.Replay;

/// <summary>What became of recorded lines, as lines or as one JSON document.</summary>
internal static class RecordingReport
{
    private sealed record Document(long Received, long Events, SortedDictionary<string, long> Ignored, SortedDictionary<string, long> Rejected, SortedDictionary<string, long> Dropped, long Appended);

    public static void Write(TextWriter output, RecordedCounts counts, bool json)
    {
        var document = new Document(
            counts.Lines.Received, counts.Lines.Of(LineOutcomeKind.Event), Reasons(counts.Lines, LineOutcomeKind.Ignored), Reasons(counts.Lines, LineOutcomeKind.Rejected),
            Reasons(counts.Lines, LineOutcomeKind.Dropped), counts.Appended);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(document, CliJson.Readable));
            return;
        }
        output.WriteLine($"received {document.Received}");
        output.WriteLine($"events {document.Events}, appended {document.Appended}");
        Write(output, "ignored", document.Ignored);
        Write(output, "rejected", document.Rejected);
        Write(output, "dropped", document.Dropped);
    }

    private static void Write(TextWriter output, string kind, SortedDictionary<string, long> reasons)
    {
        var detail = string.Join(", ", reasons.Select(reason => $"{reason.Key} {reason.Value}"));
        output.WriteLine(detail.Length == 0 ? $"{kind} 0" : $"{kind} {reasons.Values.Sum()}: {detail}");
    }

    /// <summary>Those that occurred.</summary>
    private static SortedDictionary<string, long> Reasons(LineCounts lines, LineOutcomeKind kind) => new(
        Enum.GetValues<LineOutcome>().Where(outcome => LineOutcomes.Kind(outcome) == kind && lines.Of(outcome) > 0).ToDictionary(LineOutcomes.Reason, lines.Of), StringComparer.Ordinal);
}
