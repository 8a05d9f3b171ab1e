using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Testing;

/// <summary>Sends datagrams over one connected UDP socket, at a given pace.</summary>
public sealed class SyslogSender : IDisposable
{
    private readonly Socket socket;

    public SyslogSender(IPEndPoint receiver, IPAddress? source = null)
    {
        socket = new Socket(receiver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        socket.Connect(receiver);
    }

    /// <summary>To a port on 127.0.0.1.</summary>
    public SyslogSender(int port)
        : this(new IPEndPoint(IPAddress.Loopback, port))
    {
    }

    public long SentCount { get; private set; }

    /// <summary>How often the kernel told that nobody had listened to an earlier datagram: each is one lost datagram at least.</summary>
    public long RefusedCount { get; private set; }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            socket.Send(datagram);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // The error belongs to an earlier datagram and this one was not sent (udp(7)); the second call clears it.
            RefusedCount++;
            SendAfterRefusal(datagram);
        }

        SentCount++;
    }

    /// <summary>Sends all in order.</summary>
    public async Task SendAsync(IEnumerable<ReadOnlyMemory<byte>> datagrams, Pace pace = default, CancellationToken cancellationToken = default)
    {
        PaceMeter meter = pace.Start();
        foreach (ReadOnlyMemory<byte> datagram in datagrams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Send(datagram.Span);
            await meter.AfterAsync(datagram.Length, cancellationToken);
        }
    }

    /// <summary>Sends on and on, for what takes as long as it takes on a busy machine; returns how many were sent.</summary>
    /// <param name="datagrams">Those from one number up to, without it, another.</param>
    /// <param name="pace">How fast.</param>
    /// <param name="stop">The last one is sent soon after it.</param>
    public async Task<int> SendUntilAsync(Func<int, int, IEnumerable<ReadOnlyMemory<byte>>> datagrams, Pace pace, CancellationToken stop)
    {
        const int part = 500;
        var sent = 0;
        for (; !stop.IsCancellationRequested; sent += part) await SendAsync(datagrams(sent, sent + part), pace, CancellationToken.None);
        return sent;
    }

    public void Dispose() => socket.Dispose();

    private void SendAfterRefusal(ReadOnlySpan<byte> datagram)
    {
        try
        {
            socket.Send(datagram);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            RefusedCount++;
        }
    }
}
