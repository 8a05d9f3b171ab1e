using System.Globalization;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Throughput.Deploy;

namespace WgMonitor.Throughput.Measure;

/// <summary>What an event and a peer take of Redis' memory, as MEMORY USAGE says.</summary>
internal static class RedisMemory
{
    public static async Task PrintAsync(Deployment deployment)
    {
        long bytes = 0, entries = 0;
        for (var partition = 0; partition < deployment.Partitions; partition++)
        {
            bytes += await UsageAsync(deployment, deployment.Keys.Events(partition));
            entries += await deployment.Database.StreamLengthAsync(deployment.Keys.Events(partition));
        }
        Console.WriteLine("\n## Memory of Redis\n");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Log: {bytes / (double)entries:F1} bytes an event ({entries} events, {bytes / 1048576.0:F1} MiB)"));
        await PrintStateAsync(deployment, "Projector", StateKeys.Projector(deployment.Keys));
        await PrintStateAsync(deployment, "Notifier", StateKeys.Notifier(deployment.Keys));
    }

    private static async Task PrintStateAsync(Deployment deployment, string who, StateKeys keys)
    {
        long peerBytes = 0, peers = 0, hostBytes = 0, hosts = 0;
        for (var partition = 0; partition < deployment.Partitions; partition++)
        {
            foreach (var member in await deployment.Database.SortedSetRangeByRankAsync(keys.PeerIndex(partition)))
            {
                if (!StateKeys.TryParseMember(member.ToString(), out var host, out var peer)) continue;
                peerBytes += await UsageAsync(deployment, keys.Peer(partition, host, peer));
                peers++;
            }
            peerBytes += await UsageAsync(deployment, keys.PeerIndex(partition));
            foreach (var host in await deployment.Database.SortedSetRangeByRankAsync(keys.HostIndex(partition)))
            {
                hostBytes += await UsageAsync(deployment, keys.Host(partition, host.ToString()));
                hosts++;
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{who}: {peerBytes / (double)Math.Max(1, peers):F0} bytes a peer with its place in the index ({peers} peers, gone ones of earlier boots included), {hostBytes / (double)Math.Max(1, hosts):F0} bytes a host ({hosts} hosts)"));
    }

    private static async Task<long> UsageAsync(Deployment deployment, RedisKey key)
    {
        var usage = await deployment.Database.ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", 0);
        return usage.IsNull ? 0 : (long)usage;
    }
}
