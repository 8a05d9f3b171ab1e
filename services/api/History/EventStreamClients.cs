using Prometheus;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Api.History;

/// <summary>The readers of the live stream: how many there may be, and for all of them together, whether the log has grown.</summary>
internal sealed class EventStreamClients(StreamStatusReader status, StreamOptions stream, ApiOptions options, TimeProvider time, MetricFactory factory) : IDisposable
{
    private readonly Gauge connected = factory.CreateGauge("wgmonitor_api_stream_clients", "Readers of /api/v1/events/stream. At api.stream_clients_max further ones are refused.");

    private readonly Counter dropped = factory.CreateCounter(
        "wgmonitor_api_stream_clients_dropped_total", "Readers of the live stream that took nothing for api.stream_stall_max. Rising: they are too slow for what they ask for.");

    private readonly SemaphoreSlim gate = new(1, 1);
    private int count;
    private StreamId[] ends = [];
    private long? readAt;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref count) > options.StreamClientsMax)
        {
            Interlocked.Decrement(ref count);
            return false;
        }
        connected.Inc();
        return true;
    }

    public void Leave()
    {
        Interlocked.Decrement(ref count);
        connected.Dec();
    }

    public void Dropped() => dropped.Inc();

    /// <summary>Behind the last entry of every partition, as it was at most so long ago.</summary>
    public async Task<EventPosition> EndAsync(TimeSpan ageMax, CancellationToken cancellationToken) => new(await EndsAsync(ageMax, cancellationToken));

    private async Task<StreamId[]> EndsAsync(TimeSpan ageMax, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (readAt is { } before && time.GetElapsedTime(before) < ageMax) return ends;
            var now = time.GetTimestamp();
            var read = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => status.ReadAsync(partition, ConsumerGroups.Projector, cancellationToken)));
            (ends, readAt) = ([.. read.Select(each => each.LastId)], now);
            return ends;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}
