using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Throughput.Generate;

/// <summary>Datagrams that one call gives to the kernel, as a network card brings them: a generator that calls for each takes the machine from what it measures.</summary>
/// <remarks>sendmmsg(2), on the machines of <see cref="DatagramHeader"/>.</remarks>
internal sealed partial class DatagramBatch : IDisposable
{
    public const int CountMax = 64;

    private const int BytesMax = 2048;
    private const int Interrupted = 4;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] bytes = GC.AllocateArray<byte>(CountMax * BytesMax, pinned: true);
    private readonly DatagramVector[] vectors = GC.AllocateArray<DatagramVector>(CountMax, pinned: true);
    private readonly DatagramHeader[] headers = GC.AllocateArray<DatagramHeader>(CountMax, pinned: true);
    private int count;

    /// <summary>To a port on 127.0.0.1.</summary>
    public DatagramBatch(int port)
    {
        socket.Connect(IPAddress.Loopback, port);
        for (var slot = 0; slot < CountMax; slot++)
        {
            vectors[slot].Base = Marshal.UnsafeAddrOfPinnedArrayElement(bytes, slot * BytesMax);
            headers[slot] = new() { Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(vectors, slot), VectorCount = 1 };
        }
    }

    public bool IsFull => count == CountMax;

    public void Add(ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(bytes.AsSpan(count * BytesMax, BytesMax));
        vectors[count++].Length = datagram.Length;
    }

    /// <summary>Sends what was added, in order.</summary>
    /// <exception cref="Win32Exception">The kernel took not all; nobody listens, for example.</exception>
    public void Send()
    {
        for (var sent = 0; sent < count;)
        {
            var taken = SendMany(socket.SafeHandle, Marshal.UnsafeAddrOfPinnedArrayElement(headers, sent), count - sent, 0);
            if (taken >= 0) sent += taken;
            else if (Marshal.GetLastPInvokeError() is var error && error != Interrupted) throw new Win32Exception(error);
        }
        count = 0;
    }

    public void Dispose() => socket.Dispose();

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(SafeHandle socket, nint headers, int count, int flags);
}
