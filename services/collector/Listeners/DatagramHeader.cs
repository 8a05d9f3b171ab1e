namespace WgMonitor.Collector.Listeners;

/// <summary>struct iovec of a machine of 64 bits.</summary>
internal struct DatagramVector
{
    public nint Base;
    public nint Length;
}

/// <summary>struct mmsghdr of a machine of 64 bits, little endian: struct msghdr and the length of what came or went. For recvmmsg(2) and sendmmsg(2).</summary>
internal struct DatagramHeader
{
    public nint Name;
    public int NameLength;
    public nint Vectors;
    public nint VectorCount;
    public nint Control;
    public nint ControlLength;
    public int Flags;
    public int Padding;
    public int Length;
}
