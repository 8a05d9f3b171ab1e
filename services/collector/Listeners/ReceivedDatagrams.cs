using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// Datagrams that one call took from a socket, with their senders: on Linux as many as wait, elsewhere one. All memory is reserved at the start and used
/// again by the next call.
/// </summary>
/// <remarks>
/// recvmmsg(2): .NET takes one datagram a call. Machines for which <see cref="DatagramHeader"/> is not written down take the plain way.
/// </remarks>
internal sealed partial class ReceivedDatagrams
{
    // include/linux/socket.h: wait for the first datagram, and for no other.
    private const int MsgWaitForOne = 0x10000;

    // include/uapi/asm-generic/errno-base.h and errno.h: a signal came in between; a sandbox does not know the call.
    private const int Interrupted = 4;
    private const int NotPermitted = 1;
    private const int NotImplemented = 38;

    private const int DatagramsMax = 64;
    private const int BufferBytesMax = 4 << 20;

    private readonly Socket socket;
    private readonly int slotBytes;
    private readonly byte[] bytes;
    private readonly SocketAddress plainSender;
    private readonly byte[] addresses;
    private readonly int addressBytes;
    private readonly DatagramVector[] vectors;
    private readonly DatagramHeader[] headers;
    private bool isBatched;
    private int plainLength;

    /// <param name="socket">Bound; not owned.</param>
    /// <param name="bytesMax">Of one datagram that is still told from a longer one; what comes on top is cut off.</param>
    /// <param name="isBatched">False takes the plain way.</param>
    public ReceivedDatagrams(Socket socket, int bytesMax, bool isBatched = true)
    {
        this.isBatched = isBatched && OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian;
        this.socket = socket;
        slotBytes = bytesMax;
        var slots = this.isBatched ? Math.Clamp(BufferBytesMax / slotBytes, 1, DatagramsMax) : 1;
        bytes = GC.AllocateUninitializedArray<byte>(slots * slotBytes, pinned: true);
        plainSender = new SocketAddress(socket.AddressFamily);
        addressBytes = plainSender.Size;
        addresses = GC.AllocateArray<byte>(slots * addressBytes, pinned: true);
        vectors = GC.AllocateArray<DatagramVector>(slots, pinned: true);
        headers = GC.AllocateArray<DatagramHeader>(slots, pinned: true);
        for (var slot = 0; slot < slots; slot++)
        {
            vectors[slot] = new() { Base = Marshal.UnsafeAddrOfPinnedArrayElement(bytes, slot * slotBytes), Length = slotBytes };
            headers[slot] = new()
            {
                Name = Marshal.UnsafeAddrOfPinnedArrayElement(addresses, slot * addressBytes),
                Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(vectors, slot),
                VectorCount = 1,
            };
        }
    }

    /// <summary>Datagrams that one call can take.</summary>
    public int CountMax => headers.Length;

    /// <summary>Waits for a datagram and takes it and those behind it. The number of them; 0 when a signal or the socket's end came instead.</summary>
    /// <exception cref="SocketException">An ICMP error, or no memory.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public int Receive()
    {
        if (!isBatched)
        {
            plainLength = socket.ReceiveFrom(bytes.AsSpan(0, slotBytes), SocketFlags.None, plainSender);
            return 1;
        }
        for (var slot = 0; slot < headers.Length; slot++) headers[slot].NameLength = addressBytes;
        var count = ReceiveMany(socket.SafeHandle, ref headers[0], headers.Length, MsgWaitForOne, 0);
        // A socket that is shut down gives one datagram from nobody.
        if (count >= 0) return count == 1 && headers[0].NameLength == 0 ? 0 : count;
        var error = Marshal.GetLastPInvokeError();
        isBatched = error is not (NotPermitted or NotImplemented);
        return error == Interrupted || !isBatched ? 0 : throw new SocketException((int)SocketError.SocketError, Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>One of the datagrams taken last; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Bytes(int index) => bytes.AsMemory(index * slotBytes, isBatched ? headers[index].Length : plainLength);

    /// <summary>Reads its sender, as <see cref="FrameSource.TryRead(SocketAddress, out FrameSource)"/> does.</summary>
    public bool TryReadSender(int index, out FrameSource source) =>
        FrameSource.TryRead(isBatched ? addresses.AsSpan(index * addressBytes, addressBytes) : plainSender.Buffer.Span, plainSender.Family, out source);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(SafeHandle socket, ref DatagramHeader headers, int count, int flags, nint timeout);
}
