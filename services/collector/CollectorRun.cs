using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using WgMonitor.Collector.Coverage;
using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>
/// Start and end of a collector. Start: bind the listeners, record the shape of the log, run one <see cref="PartitionWriter"/> a partition. End: take
/// what the sockets hold, append what is buffered, within <see cref="CollectorOptions.DrainMax"/>.
/// </summary>
internal sealed class CollectorRun(
    CollectorOptions options, BoundOptions bound, StreamTopology topology, EventAppender appender, EventBuffer buffer, CollectorPipeline pipeline,
    CollectorMetrics metrics, StreamListeners streams, CollectorSpool spool, SpoolMetrics spoolMetrics, Rewinds rewinds, TimeProvider time, Random random, ILogger<CollectorRun> logger) : BackgroundService
{
    // Of the whole drain: the socket buffers are emptied in milliseconds, unless a flood goes on.
    private const int ListenersShareOfDrain = 4;

    private readonly List<UdpSyslogListener> listeners = [];

    // Of the drain, behind the last append: acknowledgements are written in milliseconds.
    private static readonly TimeSpan LastAnswersMax = TimeSpan.FromSeconds(1);

    /// <summary>The UDP listeners in the order of the configuration; they are bound once the host has started.</summary>
    public IReadOnlyList<UdpSyslogListener> Listeners => listeners;

    /// <summary>The TCP, TLS and RELP listeners in the order of the configuration.</summary>
    public IReadOnlyList<StreamListener> StreamListeners => streams.All;

    /// <summary>When it began to stop: no line that was sent later was surely taken. Unix microseconds; null while it runs.</summary>
    public long? ListeningEndedAt { get; private set; }

    /// <summary>What the status says of all of them.</summary>
    public IEnumerable<CollectorListener> ListenerStatus() => listeners
        .Select(listener => new CollectorListener("udp", listener.LocalEndPoint.ToString(), listener.Drops.Read()))
        .Concat(streams.All.Select(listener => new CollectorListener(listener.Protocol, listener.LocalEndPoint.ToString(), 0)));

    /// <summary>Binds before the host reports that it has started, so that an address in use ends the process with a sentence.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < options.Listeners.Count; i++) await BindAsync(options.Listeners[i], $"collector.listen[{i}]");
        metrics.Observe(pipeline, buffer, listeners);
        spoolMetrics.Observe(spool);
        await base.StartAsync(cancellationToken);
    }

    private async Task BindAsync(ListenOptions listen, string key)
    {
        var udp = listen.Protocol == ListenProtocol.Udp;
        try
        {
            if (udp) listeners.Add(new(listen, pipeline, time, logger));
            else await streams.BindAsync(listen, key, bound);
        }
        catch (Exception exception) when (exception is AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            throw new IOException($"{key}.address: {(udp ? "UDP" : "TCP")} address {listen.EndPoint} is in use.", new AddressInUseException(exception.Message, exception));
        }
        catch (SocketException exception)
        {
            throw new ConfigurationException([new(bound.OriginOf($"{key}.address"), $"{key}.address", $"cannot be listened on: {exception.Message}", listen.EndPoint.ToString())]);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var giveUp = new CancellationTokenSource();
        // Redis may be away at the start: lines are taken all the same.
        foreach (var listener in listeners) listener.Start();
        streams.Start();
        var writing = WriteAsync(giveUp.Token);
        await Task.WhenAny(writing, Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken));
        if (stoppingToken.IsCancellationRequested) await DrainAsync(writing, giveUp);
        await writing;
    }

    private async Task WriteAsync(CancellationToken giveUp)
    {
        // A log of another shape ends the process by its exception; a Redis that does not answer is waited for, while the spool fills.
        var log = topology.WaitAsync(giveUp);
        // Without a spool, the producer is new at every start: batches are numbered from 1 again, and nothing of an earlier run is left to be sent.
        var producer = spool.Directory?.Producer ?? $"collector-{random.NextInt64():x16}";
        var markTtl = bound.Get<StreamOptions>().ProducerMarkTtl;
        var writers = Enumerable.Range(0, buffer.PartitionCount).Select(partition =>
        {
            var sender = new BatchSender(partition, producer, appender, options, markTtl, metrics, spoolMetrics, rewinds, time, random, logger);
            return new PartitionWriter(partition, buffer, sender, spool.Directory?.Partitions[partition], options, metrics, time, logger).RunAsync(log, giveUp);
        });
        // The first that fails ends the process; the others would wait for ever.
        await foreach (var ended in Task.WhenEach(writers)) await ended;
    }

    private async Task DrainAsync(Task writing, CancellationTokenSource giveUp)
    {
        ListeningEndedAt = UnixMicroseconds.Now(time);
        var start = time.GetTimestamp();
        await Task.WhenAll([streams.StopAsync(options.DrainMax / ListenersShareOfDrain), .. listeners.Select(listener => listener.StopAsync(options.DrainMax / ListenersShareOfDrain))]);
        CollectorLog.Draining(logger, buffer.EventCount);
        buffer.Complete();
        var left = options.DrainMax - time.GetElapsedTime(start);
        if (left > TimeSpan.Zero) await Task.WhenAny(writing, Task.Delay(left, time, CancellationToken.None));
        await streams.CloseAsync(writing.IsCompleted ? LastAnswersMax : TimeSpan.Zero);
        await giveUp.CancelAsync();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var listener in listeners) listener.Dispose();
        base.Dispose();
    }
}
