namespace WgMonitor.Testing;

/// <summary>A datagram as it arrived; time in microseconds since 1970.</summary>
public readonly record struct RecordedDatagram(long ReceivedMicroseconds, ReadOnlyMemory<byte> Bytes);

/// <summary>All bytes of a TCP connection and how recv() cut them.</summary>
public sealed record RecordedStream(ReadOnlyMemory<byte> Bytes, IReadOnlyList<RecordedChunk> Chunks);

/// <summary>What one recv() gave; time in microseconds since 1970.</summary>
public readonly record struct RecordedChunk(long ReceivedMicroseconds, int Offset, int Length);

/// <summary>A record of /dev/kmsg, for example <c>7,1432,90246220,-;wireguard: wg0: Peer 1 created</c>.</summary>
/// <remarks>Source: Documentation/ABI/testing/dev-kmsg of the kernel.</remarks>
public readonly record struct KernelLine(int Priority, long Sequence, long UptimeMicroseconds, string Text)
{
    /// <summary>As /proc/kmsg and imklog have it: <c>&lt;7&gt;[   90.246220] wireguard: ...</c>.</summary>
    public string Stamped => $"<{Priority}>[{UptimeMicroseconds / 1_000_000,5}.{UptimeMicroseconds % 1_000_000:D6}] {Text}";

    internal static KernelLine Parse(string line)
    {
        int semicolon = line.IndexOf(';');
        string[] head = line[..semicolon].Split(',');
        return new KernelLine(int.Parse(head[0]), long.Parse(head[1]), long.Parse(head[2]), line[(semicolon + 1)..]);
    }
}
