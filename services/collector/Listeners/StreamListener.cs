using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Tls;
using WgMonitor.Events;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// Accepts the connections of one TCP, TLS or RELP listener on Kestrel's socket transport, which brings back-pressure by pipes. What a connection does,
/// and how it fails, is its own matter (<see cref="StreamConnection"/>): accepting goes on.
/// </summary>
public sealed class StreamListener : IAsyncDisposable
{
    /// <summary>Received and not yet read, a connection; a sender that is ahead of us waits.</summary>
    private const int UnreadBytesMax = 32 << 10;

    /// <summary>Acknowledgements not yet sent, a connection.</summary>
    private const int UnsentBytesMax = 16 << 10;

    private readonly ListenOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly RelpSenders senders;
    private readonly ConnectionTable table;
    private readonly ConnectionMetrics metrics;
    private readonly TlsHandshake? handshake;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly IConnectionListener listener;
    private Task accepting = Task.CompletedTask;

    private StreamListener(
        ListenOptions options, CollectorPipeline pipeline, RelpSenders senders, ConnectionTable table, ConnectionMetrics metrics, TlsHandshake? handshake, TimeProvider time, ILogger logger, IConnectionListener listener)
    {
        this.options = options;
        this.pipeline = pipeline;
        this.senders = senders;
        this.table = table;
        this.metrics = metrics;
        this.handshake = handshake;
        this.time = time;
        this.logger = logger;
        this.listener = listener;
    }

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)listener.EndPoint;

    /// <summary><c>tcp</c>, <c>tls</c> or <c>relp</c>.</summary>
    public string Protocol => options.Protocol.ToString().ToLowerInvariant();

    /// <summary>Binds the socket; connections wait in the kernel until <see cref="Start"/>.</summary>
    /// <exception cref="AddressInUseException">Another process listens there.</exception>
    /// <exception cref="SocketException">The address is not of this machine.</exception>
    internal static async Task<StreamListener> BindAsync(
        ListenOptions options, CollectorPipeline pipeline, RelpSenders senders, ConnectionTable table, ConnectionMetrics metrics, TlsHandshake? handshake, TimeProvider time, ILoggerFactory loggers, ILogger logger)
    {
        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { MaxReadBufferSize = UnreadBytesMax, MaxWriteBufferSize = UnsentBytesMax, CreateBoundListenSocket = CreateSocket }), loggers);
        var listener = await transport.BindAsync(options.EndPoint);
        return new(options, pipeline, senders, table, metrics, handshake, time, logger, listener);
    }

    /// <summary>Connections inherit these settings. A sender that vanished without a word is noticed by keep-alive probes.</summary>
    private static Socket CreateSocket(EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 300);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 60);
        return socket;
    }

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        CollectorLog.ListeningForConnections(logger, Protocol, LocalEndPoint);
        if (!IPAddress.IsLoopback(LocalEndPoint.Address) && !options.IsCertified && pipeline.IsOpenToAll) CollectorLog.ListeningInPublic(logger, Protocol, LocalEndPoint);
        accepting = AcceptAsync();
    }

    private async Task AcceptAsync()
    {
        while (await listener.AcceptAsync() is { } connection) _ = ServeAsync(connection);
    }

    private async Task ServeAsync(ConnectionContext context)
    {
        // Off the accepting loop at once.
        await Task.Yield();
        metrics.Accepted();
        await using var disposed = context;
        if (context.RemoteEndPoint is not IPEndPoint remote || !FrameSource.TryRead(remote.Serialize(), out var source))
        {
            // Broken off before it was accepted: the socket does not know its other end any more.
            metrics.Closed(CloseReason.Reset, null);
            return;
        }
        source = source with { HostFrom = options.HostFrom, IsAcknowledged = options.Protocol == ListenProtocol.Relp };
        using var connection = new StreamConnection(context, source, options, pipeline, senders, handshake, time);
        // A proxy's own address is not the sender's; the pipeline looks at that one.
        var allowed = pipeline.IsAllowed(source) || options.IsProxy(source.Address);
        if (!allowed || !table.TryAdd(connection))
        {
            context.Abort();
            Closed(allowed ? CloseReason.TooManyConnections : CloseReason.SourceNotAllowed, connection);
            return;
        }
        if (table.Stopped) connection.Stop();
        try
        {
            Closed(await connection.RunAsync(), connection);
            // What is still to be sent has the same time as any other write.
            connection.Writing(true);
            await context.DisposeAsync();
        }
        // The outermost line of a connection: what one sender provokes must not end the others.
        catch (Exception exception)
        {
            context.Abort();
            metrics.Closed(CloseReason.Fault, End(connection));
            if (metrics.MayLog(CloseReason.Fault)) CollectorLog.ConnectionFailed(logger, Protocol, connection.Peer.ToString(), exception);
        }
        finally
        {
            table.Remove(connection);
        }
    }

    private void Closed(CloseReason reason, StreamConnection connection)
    {
        var total = metrics.Closed(reason, End(connection));
        if (CloseReasons.IsOrderly(reason)) return;
        if (!metrics.MayLog(reason)) return;
        if (reason == CloseReason.TlsOnPlain) CollectorLog.TlsOnPlain(logger, connection.Peer.ToString(), LocalEndPoint, total);
        else CollectorLog.ConnectionClosed(logger, Protocol, connection.Peer.ToString(), CloseReasons.Name(reason), total, connection.Detail ?? "");
    }

    private ConnectionEnd End(StreamConnection connection) => new(Protocol, LocalEndPoint, connection.Source, UnixMicroseconds.Now(time), connection.Detail);

    /// <summary>Accepts no more; connections go on.</summary>
    public async Task StopAcceptingAsync()
    {
        await listener.UnbindAsync();
        await accepting;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
