using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests.Truth;

public class TruthTests
{
    private static readonly Dictionary<(string Run, string Side), Lazy<TruthResult>> Results =
        (from run in Corpus.Runs where run.HasKernelLines from side in run.WgNamespaces select (run, side))
        .ToDictionary(pair => (pair.run.Name, pair.side), pair => new Lazy<TruthResult>(() => TruthRun.Compare(pair.run, pair.side)));

    public static TheoryData<string, string> Sides() => [.. Results.Keys.Select(key => (key.Run, key.Side))];

    private static TruthResult Result(string run, string side) => Results[(run, side)].Value;

    [Theory]
    [InlineData("D-server", 98.5, 98.4)]
    [InlineData("C-part1", 98.5, 99.5)]
    public void Server_peers_are_what_wg_shows(string run, double endpointShare, double handshakeShare)
    {
        var result = Result(run, "srv");

        Assert.True(result.Samples > 10_000);
        Assert.InRange(result.EndpointShare, endpointShare, 100);
        Assert.InRange(result.HandshakeShare, handshakeShare, 100);
        Assert.InRange(result.CompleteShare, 99, 100);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Every_disagreement_has_a_cause(string run, string side) =>
        Assert.DoesNotContain(Result(run, side).Disagreements, d => d.Cause == DisagreementCause.Unexplained);

    /// <summary>The default rate limit: the kernel dropped thousands of lines.</summary>
    [Theory]
    [InlineData("A")]
    [InlineData("G-client")]
    public void Where_the_kernel_drops_lines_no_wrong_peer_says_it_is_complete(string run)
    {
        foreach (var side in Corpus.Run(run).WgNamespaces) Assert.DoesNotContain(Result(run, side).Disagreements, d => d.Complete);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void The_documented_figures_are_the_measured_ones(string run, string side)
    {
        if (Environment.GetEnvironmentVariable("WGMONITOR_TRUTH_TABLE") is { Length: > 0 } file)
        {
            lock (Results) File.AppendAllLines(file, [TruthReport.Figures(run, side, Result(run, side)), .. TruthReport.Causes(run, side, Result(run, side))]);
        }
        var documented = File.ReadAllLines(Path.Combine(Corpus.PackedFolder, "..", "..", "docs", "truth.md"));

        Assert.Contains(TruthReport.Figures(run, side, Result(run, side)), documented);
        Assert.All(TruthReport.Causes(run, side, Result(run, side)), row => Assert.Contains(row, documented));
    }
}
