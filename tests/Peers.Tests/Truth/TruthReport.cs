namespace WgMonitor.Peers.Tests.Truth;

/// <summary>The rows of the tables in docs/truth.md.</summary>
internal static class TruthReport
{
    public static string Figures(string run, string side, TruthResult r) =>
        $"| {run} | {side} | {r.Samples} | {r.EndpointShare:F2} | {r.EndpointNotShownYet} | {r.HandshakeShare:F2} | {r.CompleteShare:F2} | {r.Disagreements.Count} | {r.WrongThoughComplete} |";

    public static IEnumerable<string> Causes(string run, string side, TruthResult r) => r.Disagreements
        .GroupBy(d => (d.What, d.Cause))
        .OrderBy(g => g.Key.What, StringComparer.Ordinal).ThenBy(g => g.Key.Cause)
        .Select(g => $"| {run} | {side} | {g.Key.What} | {g.Key.Cause} | {g.Count()} | {g.Select(d => (d.Interface, d.Peer)).Distinct().Count()} |");
}
