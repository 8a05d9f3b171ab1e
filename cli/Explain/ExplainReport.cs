using System.Text.Json;
using WgMonitor.Collector;
using WgMonitor.Collector.Explain;

namespace WgMonitor.Cli.Explain;

/// <summary>Explanations of lines, as text one after the other, or as one JSON array.</summary>
internal sealed class ExplainReport(TextWriter output, bool json)
{
    private const int LabelWidth = 14;

    private readonly List<ExplanationJson> explanations = [];
    private int count;

    /// <summary>Every line became an event.</summary>
    public bool AllEvents { get; private set; } = true;

    public void Add(LineExplanation explanation)
    {
        AllEvents &= explanation.Outcome == LineOutcome.Event;
        if (json) explanations.Add(ExplanationJson.Of(explanation));
        else WriteText(explanation);
        count++;
    }

    public void End()
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(explanations, CliJson.Readable));
    }

    private void WriteText(LineExplanation explanation)
    {
        if (count > 0) output.WriteLine();
        Row("line", explanation.Line);
        Row("form", FormName(explanation.Form));
        if (explanation.Priority is { } priority) Row("priority", $"{priority} (facility {priority >> 3}, severity {priority & 7})");
        if (explanation.Form != LineForm.Unknown)
        {
            Row("host", explanation.Host.Length > 0 ? explanation.Host : "none: the sender's address stands for it");
            Row("program", explanation.Program.Length > 0 ? explanation.Program : "none");
            Row("text", explanation.Text);
        }
        if (explanation.HeaderTime is { } use) Row("time", TimeName(use));
        Row("outcome", OutcomeName(explanation.Outcome));
        Row("", explanation.Meaning);
        foreach (var (name, value) in explanation.Event) Row(name == "event" ? name : "  " + name, value);
    }

    private void Row(string label, string text) => output.WriteLine($"{label.PadRight(LabelWidth)} {text}");

    public static string OutcomeName(LineOutcome outcome) =>
        outcome == LineOutcome.Event ? "event" : $"{LineOutcomes.Kind(outcome).ToString().ToLowerInvariant()}: {LineOutcomes.Reason(outcome)}";

    private static string FormName(LineForm form) => form switch
    {
        LineForm.Rfc3164 => "syslog, RFC 3164",
        LineForm.Rfc5424 => "syslog, RFC 5424",
        LineForm.Kernel => "the kernel's own, as dmesg prints it",
        _ => "unknown",
    };

    private static string TimeName(HeaderTimeUse use) => use switch
    {
        HeaderTimeUse.Used => "the header's",
        HeaderTimeUse.WithoutOffset => "of receipt: the header's has no offset from UTC",
        HeaderTimeUse.Skewed => "of receipt: the header's is further away than collector.skew_max",
        HeaderTimeUse.Invalid => "of receipt: there is no such time as the header's",
        _ => "of receipt: the header has none",
    };
}

/// <summary>One explanation in JSON.</summary>
/// <param name="Line">The line, escaped.</param>
/// <param name="Form">rfc3164, rfc5424, kernel or unknown.</param>
/// <param name="Priority">0 to 191; null without one.</param>
/// <param name="Host">The header's host; null for none.</param>
/// <param name="Program">The header's program; null for none.</param>
/// <param name="Text">What follows the header.</param>
/// <param name="HeaderTime">used, without_offset, skewed, invalid or none; null where there is no event.</param>
/// <param name="Outcome">event, ignored, rejected or dropped.</param>
/// <param name="Reason">Which of them; null for an event.</param>
/// <param name="Meaning">In words.</param>
/// <param name="Event">Fields of the event; null for none.</param>
internal sealed record ExplanationJson(
    string Line, string Form, int? Priority, string? Host, string? Program, string? Text, string? HeaderTime, string Outcome, string? Reason, string Meaning,
    IReadOnlyDictionary<string, string>? Event)
{
    public static ExplanationJson Of(LineExplanation of) => new(
        of.Line, of.Form.ToString().ToLowerInvariant(), of.Priority, OrNull(of.Host), OrNull(of.Program), OrNull(of.Text),
        of.HeaderTime is { } use ? JsonNamingPolicy.SnakeCaseLower.ConvertName(use.ToString()) : null,
        LineOutcomes.Kind(of.Outcome).ToString().ToLowerInvariant(), of.Outcome == LineOutcome.Event ? null : LineOutcomes.Reason(of.Outcome), of.Meaning,
        of.Event.Count == 0 ? null : of.Event.ToDictionary());

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
