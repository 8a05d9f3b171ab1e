using System.Globalization;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>Who would still read or write the log, as Redis knows it: heartbeats, leases, the status of collectors.</summary>
internal sealed class LivingServices(IConnectionMultiplexer redis, StreamKeys keys, StreamOptions stream, TimeProvider time, TimeSpan collectorSilence)
{
    // Heartbeats and leases are in Redis' time.
    private const string Count = "local t = redis.call('TIME'); return redis.call('ZCOUNT', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000) - ARGV[1], '+inf')";

    /// <exception cref="RepartitionRefusedException">Something lives.</exception>
    public async Task RefuseAsync(int partitions, CancellationToken cancellationToken)
    {
        var status = new StreamStatusReader(redis, keys);
        foreach (var group in ConsumerGroups.All)
        {
            var members = (long)await redis.GetDatabase().ScriptEvaluateAsync(Count, [keys.Members(group)], [(long)stream.LeaseTtl.TotalMilliseconds], CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            if (members > 0) throw Refused(string.Create(CultureInfo.InvariantCulture, $"{members} {group} live. Stop every service first; one that was killed is forgotten after stream.lease_ttl ({stream.LeaseTtl.TotalSeconds:0} s)."));
        }
        foreach (var group in (string[])[.. ConsumerGroups.All, ConsumerGroups.Base])
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                if ((await status.ReadAsync(partition, group, cancellationToken)).Owner is not null)
                    throw Refused(string.Create(CultureInfo.InvariantCulture, $"Partition {partition} is in the hands of a {group}. Stop every service first; what was killed is forgotten after stream.lease_ttl ({stream.LeaseTtl.TotalSeconds:0} s)."));
            }
        }
        var now = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        foreach (var collector in await new CollectorStatusStore(redis, new CollectorKeys(keys)).ReadAsync(cancellationToken))
        {
            if (now - collector.WrittenAt < collectorSilence.TotalMicroseconds)
                throw Refused(string.Create(CultureInfo.InvariantCulture, $"Collector {collector.Id} on {collector.Machine} was alive a moment ago. Stop it, and try again in {collectorSilence.TotalSeconds:0} s."));
        }
    }

    /// <summary>Alerts are raised once, by the notifier that reads an entry: it must have read all. The same for the projector, whose state is compared.</summary>
    /// <exception cref="RepartitionRefusedException">Somebody has not applied everything.</exception>
    public async Task RefuseBehindAsync(int partitions, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        foreach (var group in ConsumerGroups.All)
        {
            var checkpoints = await CheckpointsAsync(redis, keys, group, partitions, cancellationToken);
            if (Array.TrueForAll(checkpoints, checkpoint => checkpoint == StreamId.Zero)) continue; // it never ran
            for (var partition = 0; partition < partitions; partition++)
            {
                var last = await database.StreamRangeAsync(keys.Events(partition), count: 1, messageOrder: Order.Descending, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
                if (last.Length > 0 && StreamId.Parse(last[0].Id.ToString()) > checkpoints[partition])
                    throw Refused($"The {group} has not applied everything in partition {partition}. Start it while the collectors are stopped, wait until /api/v1/status shows no lag, and stop it again.");
            }
        }
    }

    /// <summary>The checkpoints of a group, a partition each; zero for none.</summary>
    public static Task<StreamId[]> CheckpointsAsync(IConnectionMultiplexer redis, StreamKeys keys, string group, int partitions, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, partitions).Select(async partition =>
            StreamId.TryParse((string?)await redis.GetDatabase().StringGetAsync(keys.Checkpoint(partition, group), CommandFlags.DemandMaster), out var id) ? id : StreamId.Zero)).WaitAsync(cancellationToken);

    private static RepartitionRefusedException Refused(string sentence) => new(sentence);
}
