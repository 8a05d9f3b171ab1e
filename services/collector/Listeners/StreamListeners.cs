using System.Net.Sockets;
using System.Security.Cryptography;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Tls;
using WgMonitor.Hosting;

namespace WgMonitor.Collector.Listeners;

/// <summary>The stream listeners of a collector with what they share: limits, watch, series.</summary>
internal sealed class StreamListeners : IAsyncDisposable
{
    // Redis, HTTP, files of the runtime.
    private const int FilesOfOthers = 256;

    private readonly CollectorOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly RelpSenders senders;
    private readonly ConnectionMetrics metrics;
    private readonly ConnectionTable table;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly byte[][] domains;
    private readonly List<StreamListener> listeners = [];

    public StreamListeners(CollectorOptions options, CollectorPipeline pipeline, RelpSenders senders, ConnectionMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        this.options = options;
        this.pipeline = pipeline;
        this.senders = senders;
        this.metrics = metrics;
        this.time = time;
        this.loggers = loggers;
        logger = loggers.CreateLogger<StreamListeners>();
        domains = [.. options.StripDomains.Select(CollectorOptions.DomainSuffix)];
        var times = options.Listeners.SelectMany(listen => new[] { listen.FrameTimeout, listen.IdleTimeout }).Where(limit => limit > TimeSpan.Zero);
        table = new(ConnectionsMax(), options.ConnectionsPerSourceMax, times.Min(), time);
        metrics.Table = table;
    }

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<StreamListener> All => listeners;

    /// <summary>Binds one; <see cref="SocketException"/> and <see cref="Microsoft.AspNetCore.Connections.AddressInUseException"/> pass through.</summary>
    /// <exception cref="ConfigurationException">A file of its certificates cannot be used.</exception>
    public async Task BindAsync(ListenOptions listen, string key, BoundOptions bound)
    {
        var handshake = listen.IsTls ? new TlsHandshake(ReadFiles(listen, key, bound), listen, domains, time) : null;
        listeners.Add(await StreamListener.BindAsync(listen, pipeline, senders, table, metrics, handshake, time, loggers, logger));
    }

    private TlsFiles ReadFiles(ListenOptions listen, string key, BoundOptions bound)
    {
        var certificate = PathOf("certificate", listen.Certificate)!;
        var paths = new TlsPaths(certificate, PathOf("certificate_key", listen.CertificateKey) ?? certificate, PathOf("client_ca", listen.ClientCa), PathOf("client_crl", listen.ClientCrl));
        try
        {
            return new(paths, time, logger);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            var name = $"{key}.certificate";
            throw new ConfigurationException([new(bound.OriginOf(name), name, $"cannot be used with its key and authorities: {exception.Message}", listen.Certificate!)]);
        }

        // Relative to the file that names it.
        string? PathOf(string name, string? path)
        {
            if (path is null) return null;
            var origin = bound.OriginOf($"{key}.{name}");
            var folder = origin.IsFile ? Path.GetDirectoryName(Path.GetFullPath(origin.Source)) : null;
            return Path.GetFullPath(path, folder ?? Directory.GetCurrentDirectory());
        }
    }

    /// <summary>Without free file descriptors nothing could be accepted, and accepting would spin.</summary>
    private int ConnectionsMax()
    {
        var filesMax = OpenFiles.Max();
        var possible = (int)Math.Clamp(filesMax - FilesOfOthers, 1, int.MaxValue);
        if (options.ConnectionsMax <= possible) return options.ConnectionsMax;
        if (options.Listeners.Any(listen => listen.Protocol != ListenProtocol.Udp)) CollectorLog.ConnectionsLimited(logger, filesMax, possible, options.ConnectionsMax);
        return possible;
    }

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        foreach (var listener in listeners) listener.Start();
    }

    /// <summary>
    /// Accepts no more connections, takes what has arrived on the open ones and ends them. Senders whose lines are not safe yet still wait for their
    /// acknowledgement at the end of <paramref name="limit"/>; they are left to <see cref="CloseAsync"/>.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        foreach (var listener in listeners) await listener.StopAcceptingAsync();
        table.Stopped = true;
        foreach (var connection in table.Snapshot()) connection.Stop();
        await EmptyAsync(limit);
        foreach (var connection in table.Snapshot()) connection.CloseUnlessAnswering();
    }

    /// <summary>Gives the last acknowledgements the time to go out, and closes what is still open.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        await EmptyAsync(limit);
        foreach (var connection in table.Snapshot()) connection.Close(CloseReason.Stopped);
    }

    private async Task EmptyAsync(TimeSpan limit)
    {
        var start = time.GetTimestamp();
        while (table.Count > 0 && time.GetElapsedTime(start) < limit) await Task.Delay(TimeSpan.FromMilliseconds(5), time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in table.Snapshot()) connection.Close(CloseReason.Stopped);
        foreach (var listener in listeners) await listener.DisposeAsync();
        table.Dispose();
    }
}
