using System.Text;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Throughput.Generate;

/// <summary>A log of 64 hosts with 125 peers each in 8 partitions, filled by the append script with what <see cref="PastEvents"/> makes up.</summary>
internal static class PastLog
{
    public const int Partitions = 8;
    public const int HostsAPartition = 8;
    public const int PeersAHost = 125;
    private const int BatchEvents = 1_000;

    /// <summary>Names of the hosts, by partition.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Hosts { get; } = Named();

    public static StreamOptions Options { get; } = new() { Partitions = Partitions, RetentionEntriesMax = 0 };

    /// <summary>Appends so many events; the first line is from three days ago. Returns the hours of lines.</summary>
    public static async Task<double> FillAsync(IConnectionMultiplexer connection, StreamKeys keys, int events)
    {
        var appender = new EventAppender(connection, keys, Microsoft.Extensions.Options.Options.Create(Options), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        var from = TimeProvider.System.GetUtcNow().AddDays(-3);
        var pasts = Hosts.Select(some => new PastEvents(some, PeersAHost, from.ToUnixTimeMilliseconds() * 1_000)).ToArray();
        var batches = pasts.Select(_ => new EventBatch()).ToArray();
        for (var round = 1; round <= events / Partitions / BatchEvents; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition =>
            {
                batches[partition].Clear();
                pasts[partition].Fill(batches[partition], BatchEvents);
                return appender.AppendAsync(partition, "bench", round, batches[partition], CancellationToken.None);
            }));
        }
        return (pasts[0].Now / 1_000_000 - from.ToUnixTimeSeconds()) / 3_600.0;
    }

    private static List<string>[] Named()
    {
        var named = Enumerable.Range(0, Partitions).Select(_ => new List<string>()).ToArray();
        for (var number = 0; named.Any(some => some.Count < HostsAPartition); number++)
        {
            var some = named[Partitioner.PartitionOf(Encoding.ASCII.GetBytes($"vpn-{number:D3}"), Partitions)];
            if (some.Count < HostsAPartition) some.Add($"vpn-{number:D3}");
        }
        return named;
    }
}
