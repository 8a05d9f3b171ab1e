using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WgMonitor.Testing.Tests.Syslog;

/// <summary>Keeps every datagram that reaches a free port.</summary>
internal sealed class UdpReceiver : IDisposable
{
    private readonly UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly List<string> received = [];

    public UdpReceiver()
    {
        client.Client.ReceiveBufferSize = 4 << 20;
        _ = ReceiveAsync();
    }

    public int Port => ((IPEndPoint)client.Client.LocalEndPoint!).Port;

    public IReadOnlyList<string> Received
    {
        get
        {
            lock (received)
                return [.. received];
        }
    }

    public void Dispose() => client.Dispose();

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                UdpReceiveResult datagram = await client.ReceiveAsync();
                lock (received)
                    received.Add(Encoding.UTF8.GetString(datagram.Buffer));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
