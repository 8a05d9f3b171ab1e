using Microsoft.Win32.SafeHandles;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Spool;

/// <summary>
/// One file of the spool: records one behind the other, only ever added at the end. Reading finds its way past whatever is not a record. Not thread-safe.
/// </summary>
/// <param name="path">Full path.</param>
/// <param name="partition">Whose batches it holds.</param>
/// <param name="seed">Of the checks, see <see cref="SpoolHeader"/>.</param>
/// <param name="firstNumber">No batch in it has a lower number; it stands in the file's name.</param>
internal sealed class SpoolSegment(string path, int partition, uint seed, long firstNumber) : IDisposable
{
    private const int SearchBytes = 64 << 10;

    private readonly byte[] head = new byte[SpoolHeader.Bytes];
    private readonly ReadOnlyMemory<byte>[] parts = new ReadOnlyMemory<byte>[4];
    private SafeFileHandle? handle;

    public string Path => path;

    public long FirstNumber => firstNumber;

    /// <summary>Bytes that were written whole. What the file has beyond them will be overwritten.</summary>
    public long Length { get; private set; }

    /// <summary>Highest number in it, or the one before its first while it is empty.</summary>
    public long LastNumber { get; private set; } = firstNumber - 1;

    /// <summary>When its first record was written, Unix microseconds; 0 while it is empty.</summary>
    public long FirstWritten { get; private set; }

    /// <summary>All records.</summary>
    public SpoolTally All { get; private set; }

    /// <summary>Those that stand in the log.</summary>
    public SpoolTally Settled { get; set; }

    /// <summary>Bytes that are attached to them.</summary>
    public long AttachedBytes { get; private set; }

    /// <summary>Timestamp at which the last one did.</summary>
    public long SettledAt { get; set; }

    /// <summary>Makes the file. Fails where anything of that name is there, a link too.</summary>
    public static SpoolSegment Create(string path, int partition, uint seed, long firstNumber)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(path, partition, seed, firstNumber) { handle = handle };
    }

    /// <summary>Opens a file of an earlier run and counts what is in it. The bodies are checked when they are read.</summary>
    public static SpoolSegment Open(string path, int partition, uint seed, long firstNumber)
    {
        var segment = new SpoolSegment(path, partition, seed, firstNumber);
        segment.Length = RandomAccess.GetLength(segment.Handle);
        for (var at = 0L; segment.TryFind(at, segment.LastNumber + 1, out var header, out at, out _); at += header.RecordBytes) segment.Count(header);
        return segment;
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle => handle ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Adds a record by one write.</summary>
    /// <exception cref="IOException">The disk refuses; nothing was added.</exception>
    public void Append(long number, long written, EventBatch batch)
    {
        var (events, shapes, attached) = (batch.PackedEvents, batch.PackedShapes, batch.Attached);
        var check = Crc32C.Append(Crc32C.Append(Crc32C.Append(seed, events.Span), shapes.Span), attached.Span);
        var header = new SpoolHeader(partition, number, written, batch.Count, events.Length, shapes.Length, attached.Length, check);
        header.Write(head, seed);
        (parts[0], parts[1], parts[2], parts[3]) = (head, events, shapes, attached);
        try
        {
            RandomAccess.Write(Handle, parts, Length);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // So the runtime reports EFBIG: a limit of the process or the file system.
            throw new IOException("the file may not grow any more", exception);
        }
        Length += header.RecordBytes;
        Count(header);
    }

    /// <summary>The first whole record at or behind <paramref name="offset"/>.</summary>
    /// <param name="offset">Where to look first.</param>
    /// <param name="numberMin">Numbers only grow: a record with a lower one does not belong here.</param>
    /// <param name="header">Of the record.</param>
    /// <param name="at">Where it begins; not <paramref name="offset"/> when something else lies between.</param>
    /// <param name="torn">When there is none: true if the last one begins but does not end.</param>
    public bool TryFind(long offset, long numberMin, out SpoolHeader header, out long at, out bool torn)
    {
        torn = false;
        header = default;
        at = offset;
        Span<byte> bytes = stackalloc byte[SpoolHeader.Bytes];
        while (at + SpoolHeader.Bytes <= Length)
        {
            if (RandomAccess.Read(Handle, bytes, at) < bytes.Length) break;
            if (SpoolHeader.TryRead(bytes, seed, out header) && header.Partition == partition && header.Number >= numberMin)
            {
                if (at + header.RecordBytes <= Length) return true;
                torn = true;
            }
            if (NextMagic(at + 1) is not { } next) break;
            at = next;
        }
        // What is left of a head that a killed process, or a cut, left behind.
        torn |= Length - offset is > 0 and < SpoolHeader.Bytes;
        header = default;
        return false;
    }

    /// <summary>Reads the body; false when it is not what was written.</summary>
    public bool TryRead(long at, in SpoolHeader header, ref byte[] buffer, EventBatch batch)
    {
        if (!TryReadBody(at, header, ref buffer)) return false;
        batch.Restore(header.Events, buffer.AsSpan(0, header.EventBytes), buffer.AsSpan(header.EventBytes, header.ShapeBytes));
        return true;
    }

    /// <summary>What is attached to the batches whose bodies are what was written, each with the time of writing.</summary>
    public IEnumerable<(long Written, byte[] Attached)> ReadAttached()
    {
        var body = Array.Empty<byte>();
        for (var at = 0L; TryFind(at, firstNumber, out var header, out at, out _); at += header.RecordBytes)
        {
            if (header.AttachedBytes > 0 && TryReadBody(at, header, ref body))
                yield return (header.Written, body.AsSpan(header.EventBytes + header.ShapeBytes, header.AttachedBytes).ToArray());
        }
    }

    private bool TryReadBody(long at, in SpoolHeader header, ref byte[] buffer)
    {
        if (buffer.Length < header.BodyBytes) buffer = new byte[header.BodyBytes];
        var body = buffer.AsSpan(0, header.BodyBytes);
        return RandomAccess.Read(Handle, body, at + SpoolHeader.Bytes) == body.Length && Crc32C.Append(seed, body) == header.BodyCheck;
    }

    /// <summary>Removes the file.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    /// <summary>Closes the file; it is opened again, for reading, where needed.</summary>
    public void Dispose()
    {
        handle?.Dispose();
        handle = null;
    }

    private void Count(in SpoolHeader header)
    {
        if (FirstWritten == 0) FirstWritten = header.Written;
        LastNumber = header.Number;
        All += new SpoolTally(1, header.Events);
        AttachedBytes += header.AttachedBytes;
    }

    private long? NextMagic(long from)
    {
        var chunk = new byte[SearchBytes];
        while (from + SpoolHeader.Bytes <= Length)
        {
            var count = RandomAccess.Read(Handle, chunk.AsSpan(0, (int)Math.Min(chunk.Length, Length - from)), from);
            var found = chunk.AsSpan(0, count).IndexOf(SpoolHeader.Magic);
            if (found >= 0) return from + found;
            if (count < SpoolHeader.Magic.Length) return null;
            // The magic may lie across the chunk's end.
            from += count - SpoolHeader.Magic.Length + 1;
        }
        return null;
    }
}
