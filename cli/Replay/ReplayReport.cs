using System.Globalization;
using System.Text.Json;
using WgMonitor.Projector.Rebuild;

namespace WgMonitor.Cli.Replay;

/// <summary>What a replay came to, as lines while it runs or as one JSON document at its end.</summary>
internal sealed class ReplayReport(TextWriter output, bool json)
{
    private readonly List<RebuildReport> rebuilds = [];

    /// <summary>Every partition is as it was asked for.</summary>
    public bool IsGood => rebuilds.TrueForAll(rebuild => rebuild.Outcome is RebuildOutcome.Switched or RebuildOutcome.Verified);

    public void Add(RebuildReport rebuild)
    {
        rebuilds.Add(rebuild);
        if (json) return;
        var rate = rebuild.Seconds > 0 ? rebuild.Events / rebuild.Seconds : 0;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"partition {rebuild.Partition}: {Words(rebuild)}; {rebuild.Events} events ({rate:0}/s), {rebuild.From} to {rebuild.To}, digest {rebuild.RebuiltDigest}"));
        foreach (var missing in rebuild.Missing) output.WriteLine($"  incomplete {missing}");
        if (rebuild.LeftOut > 0) output.WriteLine($"  {rebuild.LeftOut} events left out, as the live state does: they are parked, or were");
        if (rebuild.FailedCount > 0) output.WriteLine($"  {rebuild.FailedCount} events could not be applied: {string.Join(", ", rebuild.Failed)}{(rebuild.FailedCount > rebuild.Failed.Count ? ", ..." : "")}");
        foreach (var difference in rebuild.Differences) output.WriteLine("  " + difference);
        if (rebuild.DifferenceCount > rebuild.Differences.Count) output.WriteLine($"  and {rebuild.DifferenceCount - rebuild.Differences.Count} more");
    }

    public void Add(int partition, ReplayStep step, bool done)
    {
        if (json) return;
        var what = !done ? "nothing is kept from before a rebuild" : step == ReplayStep.Finalize ? "the state before the rebuild is deleted" : "the state before the rebuild is live again";
        output.WriteLine($"partition {partition}: {what}");
    }

    public void End()
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(rebuilds, CliJson.Readable));
    }

    private static string Words(RebuildReport rebuild) => rebuild.Outcome switch
    {
        RebuildOutcome.Switched when rebuild.DifferenceCount > 0 => $"switched to generation {rebuild.Generation}, {rebuild.DifferenceCount} differences",
        RebuildOutcome.Switched => $"equal, switched to generation {rebuild.Generation}",
        RebuildOutcome.Verified => "equal",
        RebuildOutcome.Different => $"{rebuild.DifferenceCount} differences, not switched (--accept-differences)",
        _ => "incomplete: not all that was trimmed is in the base snapshot or the archive, not switched (--allow-incomplete)",
    };
}
