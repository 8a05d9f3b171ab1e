using System.Buffers.Binary;
using System.Net.Sockets;

namespace WgMonitor.Collector.Listeners;

/// <summary>Size of a socket's receive buffer.</summary>
internal static class ReceiveBuffer
{
    // include/uapi/asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoRcvbufForce = 33;

    /// <summary>Asks for the size, past net.core.rmem_max where the process may (CAP_NET_ADMIN), else as far as the kernel grants it.</summary>
    public static void Enlarge(Socket socket, int bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(value, bytes);
            try
            {
                socket.SetRawSocketOption(SolSocket, SoRcvbufForce, value);
                return;
            }
            catch (SocketException)
            {
                // Not privileged.
            }
        }
        socket.ReceiveBufferSize = bytes;
    }
}
