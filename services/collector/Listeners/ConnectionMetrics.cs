using System.Net;
using Prometheus;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Listeners;

/// <summary>Metric label of every <see cref="CloseReason"/>.</summary>
internal static class CloseReasons
{
    private static readonly string[] Names = [.. Enum.GetNames<CloseReason>().Select(SnakeCase)];

    public static int Count => Names.Length;

    /// <summary>In snake case: <c>frame_length</c>.</summary>
    public static string Name(CloseReason reason) => Names[(int)reason];

    /// <summary>Nothing was wrong.</summary>
    public static bool IsOrderly(CloseReason reason) => reason is CloseReason.Peer or CloseReason.Stopped;

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) && at > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}

/// <summary>A connection that ended, kept to be looked at.</summary>
/// <param name="Protocol">tcp, tls or relp.</param>
/// <param name="Listener">Where it was accepted.</param>
/// <param name="Source">Who connected.</param>
/// <param name="AtMicroseconds">When it ended, Unix microseconds.</param>
/// <param name="Detail">More on why; null where the reason says it all.</param>
internal sealed record ConnectionEnd(string Protocol, IPEndPoint Listener, FrameSource Source, long AtMicroseconds, string? Detail);

/// <summary>Series of the stream listeners' connections, and how often one is worth a log line.</summary>
internal sealed class ConnectionMetrics
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(1);

    private readonly Counter closed;
    private readonly TimeProvider time;

    // Timestamp of the last log line of a reason, 0 before the first.
    private readonly long[] logged = new long[CloseReasons.Count];
    private readonly Lock gate = new();

    // The latest end of a reason.
    private readonly ConnectionEnd?[] last = new ConnectionEnd?[CloseReasons.Count];
    private long accepted;

    /// <summary>Registers the series.</summary>
    public ConnectionMetrics(CollectorRegistry registry, TimeProvider time)
    {
        this.time = time;
        var factory = Metrics.WithCustomRegistry(registry);
        closed = factory.CreateCounter(
            "wgmonitor_collector_connections_closed_total", "Connections of TCP, TLS and RELP senders that ended, by reason. Other reasons than peer rising: /api/v1/status and wgmonitor doctor say who is turned away and what to do.", ["reason"]);
        closed.ShownAtZero(Enum.GetValues<CloseReason>().Select(CloseReasons.Name));
        var open = factory.CreateGauge("wgmonitor_collector_connections_open", "Connections of TCP, TLS and RELP senders. Near collector.connections_max: raise it, or find who opens them.", []);
        registry.AddBeforeCollectCallback(() => open.Set(Table?.Count ?? 0));
    }

    /// <summary>What is counted as open.</summary>
    public ConnectionTable? Table { get; set; }

    /// <summary>Connections that came, whatever became of them.</summary>
    public long AcceptedTotal => Interlocked.Read(ref accepted);

    /// <summary>Counts a connection that came.</summary>
    public void Accepted() => Interlocked.Increment(ref accepted);

    /// <summary>Counts an end; returns how many there were for this reason.</summary>
    /// <param name="reason">Why it ended.</param>
    /// <param name="end">Whose connection it was; null where the socket did not know any more.</param>
    public long Closed(CloseReason reason, ConnectionEnd? end)
    {
        var child = closed.WithLabels(CloseReasons.Name(reason));
        lock (gate)
        {
            if (end is not null) last[(int)reason] = end;
            child.Inc();
            return (long)child.Value;
        }
    }

    /// <summary>Connections that ended for this reason.</summary>
    public long ClosedTotal(CloseReason reason) => (long)closed.WithLabels(CloseReasons.Name(reason)).Value;

    /// <summary>The latest end for this reason, if there was one.</summary>
    public ConnectionEnd? Last(CloseReason reason)
    {
        lock (gate) return last[(int)reason];
    }

    /// <summary>Once a second and reason at most: a flood of connections must not become a flood of log lines.</summary>
    public bool MayLog(CloseReason reason)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            ref var last = ref logged[(int)reason];
            if (last != 0 && time.GetElapsedTime(last, now) < LogInterval) return false;
            last = now;
            return true;
        }
    }
}
