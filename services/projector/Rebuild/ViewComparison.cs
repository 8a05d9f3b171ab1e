using StackExchange.Redis;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Projector.Rebuild;

/// <summary>Two views of a partition at one entry of the log.</summary>
/// <param name="Live">Digest of the live view.</param>
/// <param name="Rebuilt">Digest of the other.</param>
/// <param name="DifferenceCount">Hosts and peers that differ or are in one of them only.</param>
/// <param name="Differences">The first of them in words, oldest names first.</param>
public sealed record ViewComparison(StateDigest Live, StateDigest Rebuilt, int DifferenceCount, IReadOnlyList<string> Differences)
{
    /// <summary>Differences put into words; more are counted.</summary>
    private const int ToldMax = 100;

    /// <summary>Reads both, a host at a time. Nobody may write them meanwhile.</summary>
    internal static async Task<ViewComparison> OfAsync(IConnectionMultiplexer redis, int partition, StateKeys live, StateKeys rebuilt, CancellationToken cancellationToken)
    {
        var (left, right) = (new HostStateReader(redis, live), new HostStateReader(redis, rebuilt));
        var names = await left.ReadHostNamesAsync(partition, cancellationToken);
        names.UnionWith(await right.ReadHostNamesAsync(partition, cancellationToken));
        var comparison = new ViewComparison(new(), new(), 0, []);
        var told = new List<string>();
        var count = 0;
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var both = await Task.WhenAll(left.ReadAsync(partition, name, cancellationToken), right.ReadAsync(partition, name, cancellationToken));
            var (one, other) = (both[0], both[1]);
            comparison.Live.Add(one);
            comparison.Rebuilt.Add(other);
            foreach (var difference in Differing(one, other))
            {
                if (count++ < ToldMax) told.Add(difference);
            }
        }
        return comparison with { DifferenceCount = count, Differences = told };
    }

    private static IEnumerable<string> Differing(HostState live, HostState rebuilt)
    {
        if (StateDigest.Of(live) == StateDigest.Of(rebuilt)) yield break;
        if (StateDigest.HostText(live) != StateDigest.HostText(rebuilt)) yield return $"{live.Host}: live [{StateDigest.HostText(live)}], rebuilt [{StateDigest.HostText(rebuilt)}]";
        foreach (var id in live.Peers.Keys.Union(rebuilt.Peers.Keys).OrderBy(id => id.Epoch).ThenBy(id => id.Number))
        {
            var (one, other) = (TextOf(live, id), TextOf(rebuilt, id));
            if (one != other) yield return $"{StateKeys.Member(live.Host, id)}: live [{one}], rebuilt [{other}]";
        }
    }

    private static string TextOf(HostState host, PeerId id) => host.Peers.TryGetValue(id, out var peer) ? StateDigest.PeerText(host.Host, peer) : "none";
}
