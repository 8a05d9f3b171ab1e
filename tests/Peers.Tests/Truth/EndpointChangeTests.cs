using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests.Truth;

/// <summary>The endpoint changes of a run against what was provoked: docs/truth.md explains each.</summary>
public class EndpointChangeTests
{
    private static readonly string[] ServerDevices = ["wg0", "wg1", "wg-lab.7"];

    private static readonly string[] Certainties = [" | Authenticated | ", " | Stored | "];

    [Theory]
    [InlineData("D-server")]
    [InlineData("C-part1")]
    public void Every_endpoint_change_of_the_server_is_explained(string run)
    {
        var names = Corpus.Run(run).IdMap().ToLookup(row => (row.ModuleLoad, (ulong)row.Peer), row => row.PeerName);
        var start = Corpus.Run(run).StartEpoch;
        var rows = Changes(run).Where(c => ServerDevices.Contains(c.Interface))
            .Select(c => $"| {run} | {c.At / 1e6 - start:F1} | {names[(c.Peer.Epoch, c.Peer.Number)].Single()} | {c.Old} | {c.New} | {c.Change} | {c.Certainty} |").ToList();

        if (Environment.GetEnvironmentVariable("WGMONITOR_TRUTH_TABLE") is { Length: > 0 } file) File.WriteAllLines($"{file}.{run}", rows);
        var documented = File.ReadAllLines(Path.Combine(Corpus.PackedFolder, "..", "..", "docs", "truth.md"));
        var explained = documented.Where(line => line.StartsWith($"| {run} | ", StringComparison.Ordinal) && Certainties.Any(line.Contains)).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Contains(explained, line => line.StartsWith(row, StringComparison.Ordinal) && line.Length > row.Length + 10));
        Assert.Equal(rows.Count, explained.Count);
    }

    private static List<EndpointChanged> Changes(string run)
    {
        var state = HostState.Of(Corpus.Run(run).Hostname);
        var changes = new List<EndpointChanged>();
        foreach (var (_, e) in RecordedEvents.Of(Corpus.Run(run)))
        {
            (state, var found) = HostFold.Apply(state, e, default);
            changes.AddRange(found.OfType<EndpointChanged>());
        }
        return changes;
    }
}
