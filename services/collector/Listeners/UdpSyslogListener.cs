using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// Receives syslog over UDP: one datagram is one message (RFC 5426). Each of its sockets has a thread of its own that hands every datagram to the
/// pipeline before it takes the next: no queue, no allocation, and a burst waits in the kernel's socket buffer.
/// </summary>
public sealed class UdpSyslogListener : IDisposable
{
    private static readonly TimeSpan WakeInterval = TimeSpan.FromMilliseconds(50);

    // include/uapi/asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoReusePort = 15;

    private readonly ListenOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly List<Socket> sockets = [];
    private readonly List<UdpReceiver> receivers;
    // Without spinning: it is waited on after every small batch.
    private readonly ManualResetEventSlim stopping = new(false, 0);

    // Ports of the sockets that send the datagrams which end the loops; empty before.
    private readonly ConcurrentDictionary<ushort, bool> wakePorts = [];

    /// <summary>Binds the sockets; datagrams are kept by the kernel until <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public UdpSyslogListener(ListenOptions options, CollectorPipeline pipeline, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.pipeline = pipeline;
        this.time = time;
        this.logger = logger;
        LocalEndPoint = options.EndPoint;
        try
        {
            for (var number = 0; number < options.Sockets; number++) Bind();
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
        Drops = new SocketDropCounter(sockets);
        receivers = sockets.ConvertAll(socket => new UdpReceiver(socket, options, pipeline, time, logger, IsWake, stopping));
    }

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; private set; }

    /// <summary>Datagrams that the kernel threw away because a socket buffer was full.</summary>
    public SocketDropCounter Drops { get; }

    private void Bind()
    {
        var socket = new Socket(LocalEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        sockets.Add(socket);
        // [::] takes IPv4 too, as every other daemon does it.
        if (LocalEndPoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
        if (options.Sockets > 1) socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
        ReceiveBuffer.Enlarge(socket, options.ReceiveBufferBytes);
        socket.Bind(LocalEndPoint);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        var size = sockets[0].ReceiveBufferSize;
        CollectorLog.Listening(logger, "udp", LocalEndPoint, size);
        if (!IPAddress.IsLoopback(LocalEndPoint.Address) && pipeline.IsOpenToAll) CollectorLog.ListeningInPublic(logger, "udp", LocalEndPoint);
        // The kernel doubles what is asked for, to have room for its own bookkeeping.
        if (size / 2 < options.ReceiveBufferBytes) CollectorLog.ReceiveBufferSmall(logger, size / 2, options.ReceiveBufferBytes);
        receivers.ForEach(receiver => receiver.Start());
    }

    /// <summary>
    /// Takes what has arrived until now and ends. The end is marked by an empty datagram to our own sockets: it queues behind everything that the
    /// kernel had accepted before. Where it does not come through, the sockets are closed at the end of <paramref name="limit"/>.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (!receivers.Exists(receiver => receiver.IsAlive)) return;
        stopping.Set();
        var ended = Task.WhenAll(receivers.Select(receiver => receiver.Ended));
        var start = time.GetTimestamp();
        while (!ended.IsCompleted && time.GetElapsedTime(start) < limit)
        {
            // Which socket takes a datagram depends on the port it comes from, so several are tried.
            for (var number = 0; number < 2 * sockets.Count; number++) TrySendWake();
            await Task.WhenAny(ended, Task.Delay(WakeInterval, time));
        }
        sockets.ForEach(socket => socket.Dispose());
        await ended;
    }

    private void TrySendWake()
    {
        using var wake = new Socket(LocalEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var any = LocalEndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        wake.Bind(new IPEndPoint(any, 0));
        wakePorts.TryAdd((ushort)((IPEndPoint)wake.LocalEndPoint!).Port, true);
        var address = LocalEndPoint.Address;
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        try
        {
            wake.SendTo([], new IPEndPoint(address, LocalEndPoint.Port));
        }
        catch (SocketException)
        {
            // A firewall may forbid it; the limit ends the loops then.
        }
    }

    private bool IsWake(FrameSource source) => stopping.IsSet && wakePorts.ContainsKey(source.Port);

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Set();
        sockets.ForEach(socket => socket.Dispose());
    }
}
