using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Testing;

/// <summary>
/// Loopback ports for servers of a test. They lie below the ports that the kernel gives to clients, so that no outgoing connection takes one
/// between two starts of a server, and a lock file keeps other test processes off them until this one ends.
/// </summary>
public static class FreePort
{
    private const int First = 12_000;
    private const int Last = 31_999;

    // Kept open: closing the file gives the port to others.
    private static readonly List<FileStream> Reserved = [];

    public static int Tcp() => Reserve(SocketType.Stream, ProtocolType.Tcp);

    public static int Udp() => Reserve(SocketType.Dgram, ProtocolType.Udp);

    private static int Reserve(SocketType type, ProtocolType protocol)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "wgmonitor-test-ports"));
        while (true)
        {
            int port = Random.Shared.Next(First, Last + 1);
            if (TryLock(Path.Combine(folder.FullName, $"{port}")) && IsFree(port, type, protocol))
                return port;
        }
    }

    private static bool TryLock(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            lock (Reserved)
                Reserved.Add(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
