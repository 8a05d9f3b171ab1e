using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>A TCP connection to a syslog receiver, plain or TLS, that a test drives byte by byte.</summary>
public sealed class StreamSender : IAsyncDisposable
{
    private readonly Socket socket;
    private readonly List<byte> received = [];
    private Stream stream;

    private StreamSender(Socket socket) => (this.socket, stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <param name="receiver">Where to.</param>
    /// <param name="from">An address of this machine to send from; 127.0.0.2 is another sender than 127.0.0.1.</param>
    public static async Task<StreamSender> ConnectAsync(IPEndPoint receiver, IPAddress? from = null)
    {
        var address = receiver.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : receiver.Address;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
            socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(new IPEndPoint(address, receiver.Port));
        return new StreamSender(socket);
    }

    /// <summary>
    /// What a sender reads that the receiver turns away: nothing but the end. The receiver may break the connection before the sender's call has returned.
    /// </summary>
    public static async Task<string> ReadRefusalAsync(IPEndPoint receiver, IPAddress? from = null)
    {
        try
        {
            await using var sender = await ConnectAsync(receiver, from);
            return await sender.ReadToEndAsync();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }

    /// <summary>Connects with TLS on top.</summary>
    public static async Task<StreamSender> ConnectAsync(IPEndPoint receiver, SslClientAuthenticationOptions tls)
    {
        var sender = await ConnectAsync(receiver);
        var ssl = new SslStream(sender.stream);
        try
        {
            await ssl.AuthenticateAsClientAsync(tls);
        }
        catch
        {
            await ssl.DisposeAsync();
            throw;
        }

        sender.stream = ssl;
        return sender;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes).AsTask().WaitAsync(Wait.LimitDefault);

    /// <summary>Latin-1: one character is one byte.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Ends this direction; the other can still be read.</summary>
    public void HalfClose() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection as a crashed host does it.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Reads until the answer ends with these words; returns all of it since the last call.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var buffer = new byte[4096];
        while (!Encoding.Latin1.GetString([.. received]).EndsWith(end, StringComparison.Ordinal))
        {
            int length = await stream.ReadAsync(buffer).AsTask().WaitAsync(Wait.LimitDefault);
            if (length == 0)
                throw new EndOfStreamException($"The connection ended behind \"{Encoding.Latin1.GetString([.. received])}\".");
            received.AddRange(buffer.AsSpan(0, length));
        }

        string text = Encoding.Latin1.GetString([.. received]);
        received.Clear();
        return text;
    }

    /// <summary>Reads to the end of the connection, an orderly or a broken one; returns what came before.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var buffer = new byte[4096];
        try
        {
            int length;
            while ((length = await stream.ReadAsync(buffer).AsTask().WaitAsync(Wait.LimitDefault)) > 0)
                received.AddRange(buffer.AsSpan(0, length));
        }
        catch (IOException)
        {
            // Broken instead of closed: the other side had not read everything.
        }

        string text = Encoding.Latin1.GetString([.. received]);
        received.Clear();
        return text;
    }

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();
}
