using WgMonitor.Events;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// The open connections of all stream listeners: how many there may be in all and from one address, and whose time is over. Thread-safe.
/// </summary>
internal sealed class ConnectionTable : IDisposable
{
    private static readonly TimeSpan WatchIntervalMax = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly HashSet<StreamConnection> connections = [];
    private readonly Dictionary<InternetAddress, int> perSource = [];
    private readonly int connectionsMax;
    private readonly int perSourceMax;
    private readonly TimeProvider time;
    private readonly ITimer watch;

    /// <param name="connectionsMax">In all.</param>
    /// <param name="perSourceMax">From one address.</param>
    /// <param name="shortestTime">Of the times that are watched over.</param>
    /// <param name="time">The clock.</param>
    public ConnectionTable(int connectionsMax, int perSourceMax, TimeSpan shortestTime, TimeProvider time)
    {
        this.connectionsMax = connectionsMax;
        this.perSourceMax = perSourceMax;
        this.time = time;
        var interval = TimeSpan.FromTicks(Math.Min(WatchIntervalMax.Ticks, shortestTime.Ticks / 4));
        watch = time.CreateTimer(_ => Watch(), null, interval, interval);
    }

    /// <summary>No connection is wanted any more.</summary>
    public volatile bool Stopped;

    public int Count
    {
        get
        {
            lock (gate) return connections.Count;
        }
    }

    /// <summary>False when there are too many already.</summary>
    public bool TryAdd(StreamConnection connection)
    {
        lock (gate)
        {
            var ofSource = perSource.GetValueOrDefault(connection.Peer.Address);
            if (connections.Count >= connectionsMax || ofSource >= perSourceMax) return false;
            perSource[connection.Peer.Address] = ofSource + 1;
            connections.Add(connection);
            return true;
        }
    }

    public void Remove(StreamConnection connection)
    {
        lock (gate)
        {
            if (!connections.Remove(connection)) return;
            if (--perSource[connection.Peer.Address] == 0) perSource.Remove(connection.Peer.Address);
        }
    }

    public StreamConnection[] Snapshot()
    {
        lock (gate) return [.. connections];
    }

    private void Watch()
    {
        var now = time.GetTimestamp();
        foreach (var connection in Snapshot()) connection.Watch(now);
    }

    /// <inheritdoc/>
    public void Dispose() => watch.Dispose();
}
