using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// Receives syslog over UDP: one datagram is one message (RFC 5426). Each listener has a thread of its own that hands every datagram to the
/// pipeline before it takes the next: no queue, no allocation, and a burst waits in the kernel's socket buffer.
/// </summary>
public sealed class UdpSyslogListener : IDisposable
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WakeInterval = TimeSpan.FromMilliseconds(50);

    private readonly ListenOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Socket socket;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim stopping = new();

    // Port of the socket that sends the datagram which ends the loop; 0 before.
    private volatile int wakePort;

    /// <summary>Binds the socket; datagrams are kept by the kernel until <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public UdpSyslogListener(ListenOptions options, CollectorPipeline pipeline, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.pipeline = pipeline;
        this.time = time;
        this.logger = logger;
        socket = new Socket(options.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // [::] takes IPv4 too, as every other daemon does it.
        if (options.EndPoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
        ReceiveBuffer.Enlarge(socket, options.ReceiveBufferBytes);
        socket.Bind(options.EndPoint);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Drops = new SocketDropCounter(socket);
        thread = new Thread(Receive) { IsBackground = true, Name = $"udp {LocalEndPoint}" };
    }

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Datagrams that the kernel threw away because the socket buffer was full.</summary>
    public SocketDropCounter Drops { get; }

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        CollectorLog.Listening(logger, "udp", LocalEndPoint, socket.ReceiveBufferSize);
        if (!IPAddress.IsLoopback(LocalEndPoint.Address) && pipeline.IsOpenToAll) CollectorLog.ListeningInPublic(logger, "udp", LocalEndPoint);
        // The kernel doubles what is asked for, to have room for its own bookkeeping.
        if (socket.ReceiveBufferSize / 2 < options.ReceiveBufferBytes) CollectorLog.ReceiveBufferSmall(logger, socket.ReceiveBufferSize / 2, options.ReceiveBufferBytes);
        thread.Start();
    }

    /// <summary>
    /// Takes what has arrived until now and ends. The end is marked by an empty datagram to our own socket: it queues behind everything that the
    /// kernel had accepted before. Where it does not come through, the socket is closed at the end of <paramref name="limit"/>.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (!thread.IsAlive) return;
        using var wake = new Socket(LocalEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var any = LocalEndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        wake.Bind(new IPEndPoint(any, 0));
        wakePort = ((IPEndPoint)wake.LocalEndPoint!).Port;
        stopping.Set();

        var start = time.GetTimestamp();
        while (!ended.Task.IsCompleted && time.GetElapsedTime(start) < limit)
        {
            TrySendWake(wake);
            await Task.WhenAny(ended.Task, Task.Delay(WakeInterval, time));
        }
        socket.Dispose();
        await ended.Task;
    }

    private void TrySendWake(Socket wake)
    {
        var address = LocalEndPoint.Address;
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        try
        {
            wake.SendTo([], new IPEndPoint(address, LocalEndPoint.Port));
        }
        catch (SocketException)
        {
            // A firewall may forbid it; the limit ends the loop then.
        }
    }

    private void Receive()
    {
        // One byte more than a datagram may have shows that one is too long.
        var buffer = GC.AllocateUninitializedArray<byte>(options.MessageBytesMax + 1, pinned: true);
        var sender = new SocketAddress(LocalEndPoint.AddressFamily);
        while (TryReceive(buffer, sender, out var length))
        {
            if (length < 0) continue;
            var possible = FrameSource.TryRead(sender, out var source);
            source = source with { HostFrom = options.HostFrom };
            if (length == 0 && wakePort != 0 && source.Port == wakePort) break;
            var received = (long)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds;
            if (!possible) pipeline.Refuse(LineOutcome.DroppedSource, buffer.AsSpan(0, length), received, source);
            else if (length > options.MessageBytesMax) pipeline.Refuse(LineOutcome.RejectedOversize, buffer.AsSpan(0, length), received, source);
            else pipeline.Accept(buffer.AsSpan(0, length), received, source);
        }
        ended.TrySetResult();
    }

    /// <summary>False when the socket was closed; a length of -1 when one receive failed, by an ICMP error or for want of memory.</summary>
    private bool TryReceive(byte[] buffer, SocketAddress sender, out int length)
    {
        length = -1;
        try
        {
            length = socket.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, sender);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        catch (SocketException exception)
        {
            if (stopping.IsSet) return false;
            CollectorLog.ReceiveFailed(logger, LocalEndPoint, exception);
            stopping.Wait(PauseAfterError);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Set();
        socket.Dispose();
    }
}
