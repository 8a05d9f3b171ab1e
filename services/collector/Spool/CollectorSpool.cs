using Microsoft.Extensions.Diagnostics.HealthChecks;
using WgMonitor.Hosting;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Spool;

/// <summary>What the collector has of a spool: one on disk, or none. <see cref="Status"/> is for whoever shows it.</summary>
public sealed class CollectorSpool : IDisposable
{
    private readonly TimeProvider time;

    private CollectorSpool(SpoolDirectory? directory, TimeProvider time) => (Directory, this.time) = (directory, time);

    /// <summary>Null with <see cref="Durability.Memory"/>.</summary>
    internal SpoolDirectory? Directory { get; }

    internal SpoolCounts Counts => Directory?.Counts ?? new();

    /// <summary>How it is now.</summary>
    public SpoolStatus Status => Directory?.ReadStatus(time) ?? new(Durability.Memory, 0, 0, 0, 0, 0, TimeSpan.Zero, 0, 0, 0, true, false);

    /// <summary>Takes the directory, so that a second collector on it ends with a sentence.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    internal static CollectorSpool Open(
        CollectorOptions collector, StreamOptions stream, BoundOptions bound, BatchMemory memory, TimeProvider time, Random random, ILogger logger)
    {
        var options = collector.Spool;
        if (options.Level == Durability.Memory) return new(null, time);
        if (options.AgeMax >= stream.ProducerMarkTtl)
            throw Refusal("collector.spool.age_max", "must be shorter than stream.producer_mark_ttl, or lines could be appended twice", $"{options.AgeMax}");
        // Where one sender was told that its lines are safe, none of them may be given up.
        var policy = options.WhenFull ?? (collector.Listeners.All(listen => listen.Protocol == ListenProtocol.Udp) ? WhenFull.DropOldest : WhenFull.Block);
        try
        {
            return new(SpoolDirectory.Open(options, stream.Partitions, policy == WhenFull.DropOldest, memory, time, random, logger), time);
        }
        catch (SpoolUnusableException exception)
        {
            throw Refusal("collector.spool.directory", exception.Message, $"\"{options.Directory}\"");
        }

        ConfigurationException Refusal(string key, string message, string got) => new([new(bound.OriginOf(key), key, message, got)]);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory?.Dispose();
}

/// <summary>Degraded while the spool cannot do what the configuration promises. The collector still takes lines, so it stays ready.</summary>
internal sealed class SpoolHealthCheck(CollectorSpool spool) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = spool.Status;
        return Task.FromResult(!status.IsWritable ? HealthCheckResult.Degraded("the disk refuses what is written")
            : status.IsFull ? HealthCheckResult.Degraded("there is no room left")
            : HealthCheckResult.Healthy($"{status.EventsWaiting} events wait"));
    }
}
