using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WgMonitor.Collector.Spool;

/// <summary>The spool cannot be used. The message is a sentence without a full stop that says why.</summary>
internal sealed class SpoolUnusableException(string message) : Exception(message);

/// <summary>
/// The spool of one collector: a directory that one live process holds, one <see cref="PartitionSpool"/> a partition, and the bound over all of them.
/// </summary>
/// <remarks>
/// The producer's id and the batch numbers stand in the names of the files, so a new run sends what the old one left under the old numbers, and Redis
/// drops what it has. A new run begins far above every number that can have been used, even by writes that a power failure took from the disk.
/// </remarks>
internal sealed class SpoolDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>EAGAIN: how the runtime reports a lock that somebody else holds.</summary>
    private const int HeldByOther = 11;

    /// <summary>SIGXFSZ, signal(7).</summary>
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    // A million batches a second since 1970: no run catches up with the clock, and the numbers stay below 2^53 until 2242.
    private const long NumbersASecond = 1 << 20;

    // For a clock that went back: more than can be on its way to the disk.
    private const long NumbersUnseenMax = 1 << 28;

    // Of a partition; read once at the start.
    private const long AttachedBytesMax = 1 << 20;

    private readonly SpoolOptions options;
    private readonly bool dropOldest;
    private readonly ILogger logger;
    private readonly FileStream heldLock;
    private readonly SpoolSync? sync;
    private readonly Lock room = new();

    // Beyond RLIMIT_FSIZE the kernel would end the process instead of only refusing the write.
    private readonly PosixSignalRegistration fileSizeSignal = PosixSignalRegistration.Create(FileSizeExceeded, context => context.Cancel = true);

    private SpoolDirectory(SpoolOptions options, bool dropOldest, FileStream heldLock, ILogger logger)
    {
        (this.options, this.dropOldest, this.heldLock, this.logger) = (options, dropOldest, heldLock, logger);
        if (options.Level == Durability.Fsync) sync = new();
    }

    /// <summary>16 hexadecimal digits, made by chance with the spool.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Under which all batches are sent.</summary>
    public string Producer => $"collector-{Id}";

    /// <summary>What earlier runs attached to the newest of their batches that are still here, oldest first.</summary>
    public IReadOnlyList<byte[]> Attached { get; private set; } = [];

    public SpoolCounts Counts { get; } = new();

    public IReadOnlyList<PartitionSpool> Partitions { get; private set; } = [];

    /// <summary>Takes the directory and finds what an earlier run left in it.</summary>
    /// <exception cref="SpoolUnusableException">It is held by another process, cannot be written, or is not safe to use.</exception>
    public static SpoolDirectory Open(SpoolOptions options, int partitions, bool dropOldest, BatchMemory memory, TimeProvider time, Random random, ILogger logger)
    {
        var path = Path.GetFullPath(options.Directory!);
        try
        {
            var heldLock = Take(path);
            try
            {
                var spool = new SpoolDirectory(options, dropOldest, heldLock, logger);
                spool.Load(path, partitions, memory, time, random);
                return spool;
            }
            catch
            {
                heldLock.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SpoolUnusableException($"cannot be used: {exception.Message}");
        }
    }

    private static FileStream Take(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        if (new DirectoryInfo(path).LinkTarget is not null) throw new SpoolUnusableException("is a symbolic link; name the directory it leads to");
        if ((File.GetUnixFileMode(path) & WritableByOthers) != 0) throw new SpoolUnusableException("can be written by other users; take that right from them (chmod go-w)");
        var name = Path.Combine(path, "lock");
        if (new FileInfo(name).LinkTarget is not null) throw new SpoolUnusableException("holds a symbolic link named lock; remove it");
        try
        {
            return new(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == HeldByOther)
        {
            throw new SpoolUnusableException("is used by another collector; give each its own");
        }
    }

    private void Load(string path, int partitions, BatchMemory memory, TimeProvider time, Random random)
    {
        var found = SpoolFiles.List(path, logger);
        var newest = found.OrderBy(file => file.FirstNumber).LastOrDefault();
        foreach (var other in found.Where(file => file.Producer != newest.Producer)) SpoolLog.OtherSpool(logger, other.Path);
        foreach (var other in found.Where(file => file.Producer == newest.Producer && file.Partitions != partitions && new FileInfo(file.Path).Length > 0))
            throw new SpoolUnusableException($"holds lines for {other.Partitions} partitions where stream.partitions is {partitions}; set it back, or remove the directory and lose them");

        Id = newest.Producer ?? random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        var files = new SpoolFiles(path, partitions, Id, options, logger);
        var segments = Enumerable.Range(0, partitions).Select(partition => new SpoolSegments(files, partition, options, Counts, time)).ToArray();
        foreach (var partition in segments) partition.Load();
        Attached = [.. segments.SelectMany(partition => partition.ReadAttached(AttachedBytesMax)).OrderBy(read => read.Written).Select(read => read.Attached)];
        var first = Math.Max(time.GetUtcNow().ToUnixTimeSeconds() * NumbersASecond, segments.Max(partition => partition.LastNumber) + NumbersUnseenMax);

        Partitions = [.. segments.Select(partition => new PartitionSpool(partition, this, memory))];
        foreach (var partition in Partitions) partition.Begin(first);
        var status = ReadStatus(time);
        SpoolLog.Opened(logger, path, status.EventsWaiting, status.Segments, options.Level);
    }

    /// <summary><see cref="Attached"/> was read and need not be held any more.</summary>
    public void ForgetAttached() => Attached = [];

    /// <summary>True when so many bytes can be written; removes what is appended, then, if the policy says so, the oldest that is not.</summary>
    public bool TryMakeRoom(long bytes)
    {
        if (Volatile.Read(ref Counts.Bytes) + bytes <= options.BytesMax) return NoteRoom();
        lock (room)
        {
            try
            {
                while (Volatile.Read(ref Counts.Bytes) + bytes > options.BytesMax)
                {
                    if (Partitions.Any(partition => partition.TryRemoveKept())) continue;
                    NoteFull();
                    if (!dropOldest || Partitions.Where(partition => partition.OldestUnsent is not null).MinBy(partition => partition.OldestUnsent) is not { } oldest) return false;
                    oldest.DropOldest();
                }
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Refused(exception);
                return false;
            }
        }
    }

    /// <summary>Ends with true when the file is as safe as the options ask for.</summary>
    public Task<bool> FlushAsync(SafeFileHandle file) => sync is null ? Task.FromResult(true) : sync.FlushAsync(file);

    /// <summary>The disk took what was written.</summary>
    public void Wrote()
    {
        if (Volatile.Read(ref Counts.Failing) != 0 && Interlocked.Exchange(ref Counts.Failing, 0) != 0) SpoolLog.WriteRecovered(logger);
    }

    /// <summary>The disk refused.</summary>
    public void Refused(Exception exception)
    {
        SpoolCounts.Add(ref Counts.WriteFailures);
        if (Interlocked.Exchange(ref Counts.Failing, 1) == 0) SpoolLog.WriteFailed(logger, exception.Message);
    }

    // Full until a tenth is free again: at the bound, room comes and goes with every file.
    private bool NoteRoom()
    {
        if (Volatile.Read(ref Counts.Full) != 0 && Volatile.Read(ref Counts.Bytes) < options.BytesMax / 10 * 9) Volatile.Write(ref Counts.Full, 0);
        return true;
    }

    private void NoteFull()
    {
        if (Interlocked.Exchange(ref Counts.Full, 1) == 0)
            SpoolLog.Full(logger, options.BytesMax, dropOldest ? "the oldest lines are dropped" : "senders wait, and datagrams are dropped once memory is full too");
    }

    public SpoolStatus ReadStatus(TimeProvider time)
    {
        var partitions = Partitions.Select(partition => partition.Read()).ToArray();
        var waiting = partitions.Aggregate(default(SpoolTally), (sum, partition) => sum + partition.Waiting);
        var oldest = partitions.Min(partition => partition.Oldest);
        var age = oldest is { } written ? time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddMicroseconds(written) : TimeSpan.Zero;
        return new(
            options.Level, partitions.Sum(partition => partition.Segments), Counts.Bytes, options.BytesMax, waiting.Batches, waiting.Events, age > TimeSpan.Zero ? age : TimeSpan.Zero,
            Counts.Torn + Counts.Corrupt, Counts.DroppedFull + Counts.DroppedAge + Counts.DroppedCorrupt, Counts.WriteFailures, Counts.Failing == 0, Counts.Full != 0);
    }

    public void Dispose()
    {
        fileSizeSignal.Dispose();
        sync?.Dispose();
        foreach (var partition in Partitions) partition.Dispose();
        heldLock.Dispose();
    }
}
