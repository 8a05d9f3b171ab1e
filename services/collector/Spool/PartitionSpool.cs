using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Spool;

/// <summary>A batch on its way from the spool to Redis.</summary>
/// <param name="Batch">The events.</param>
/// <param name="Entry">Its place on disk.</param>
/// <param name="IsRead">True when it was read back from disk; else it belongs to the <see cref="EventBuffer"/>.</param>
internal readonly record struct SpooledBatch(EventBatch Batch, SpoolEntry Entry, bool IsRead);

/// <summary>The memory that batches take until they are given back.</summary>
/// <param name="Release">Takes back a batch that need not be held any more.</param>
/// <param name="IsCrowded">Asks for batches to be given back as soon as they are on disk, so that there is room for new ones.</param>
internal sealed record BatchMemory(Action<EventBatch> Release, Func<bool> IsCrowded);

/// <summary>
/// The spool of one partition between the one who writes batches and the one who sends them. Every batch goes to disk; while the sender keeps up, it gets
/// the batch itself and reads nothing back. Once it lags, batches are on disk only, until it has read all of them. Thread-safe.
/// </summary>
/// <param name="segments">The batches on disk.</param>
/// <param name="directory">Room and the state of the disk, shared by all partitions.</param>
/// <param name="memory">Where the batches come from.</param>
internal sealed class PartitionSpool(SpoolSegments segments, SpoolDirectory directory, BatchMemory memory) : IDisposable
{
    // What may be sent from memory: enough that a sender who keeps up never reads.
    private const int InMemoryMax = 8;

    private readonly Lock gate = new();
    private readonly Queue<SpooledBatch> queue = new();
    private readonly Stack<EventBatch> readBack = new();
    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long number;
    private bool started;
    private bool behind = true;
    private int inHand;
    private bool complete;

    /// <summary>True when nothing waits to be sent or is being sent.</summary>
    public bool IsDrained
    {
        get
        {
            lock (gate) return started && !behind && inHand == 0 && queue.Count == 0;
        }
    }

    /// <summary>No more batches will come.</summary>
    public bool IsComplete => Volatile.Read(ref complete);

    public SpoolTally Waiting
    {
        get
        {
            lock (gate) return segments.Waiting;
        }
    }

    public (int Segments, SpoolTally Waiting, long? Oldest) Read()
    {
        lock (gate) return (segments.Count, segments.Waiting, segments.OldestWaiting);
    }

    public long NextNumber() => Interlocked.Increment(ref number);

    /// <summary>Begins this run.</summary>
    public void Begin(long firstNumber)
    {
        number = firstNumber - 1;
        segments.Begin(firstNumber);
    }

    // ---- the writer's side

    /// <summary>Writes a batch to disk; false when there is no room or the disk refuses.</summary>
    public bool TryStore(EventBatch batch, long batchNumber, out SpoolEntry entry)
    {
        entry = default;
        if (!directory.TryMakeRoom(batch.ByteCount + SpoolHeader.Bytes)) return false;
        try
        {
            lock (gate) entry = segments.Append(batchNumber, batch);
            directory.Wrote();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            directory.Refused(exception);
            return false;
        }
    }

    /// <summary>Ends when all stored batches are on the disk; false when it refused.</summary>
    public async Task<bool> FlushAsync()
    {
        SafeFileHandle file;
        lock (gate) file = segments.ToFlush;
        if (await directory.FlushAsync(file)) return true;
        directory.Refused(new IOException("a file cannot be flushed"));
        try
        {
            lock (gate) segments.Roll(number + 1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            directory.Refused(exception);
        }
        return false;
    }

    /// <summary>Gives a stored batch to the sender, or back to the buffer when the sender will read it from disk.</summary>
    public void HandOver(EventBatch batch, in SpoolEntry entry)
    {
        lock (gate)
        {
            // The sender may have read it from disk meanwhile.
            var isSent = segments.WasHandedOut(entry);
            if (!isSent && !behind && queue.Count < InMemoryMax && !memory.IsCrowded())
            {
                segments.HandedOut(entry);
                queue.Enqueue(new(batch, entry, false));
            }
            else
            {
                behind |= !isSent;
                memory.Release(batch);
            }
        }
        arrived.Writer.TryWrite(default);
    }

    /// <summary>No more batches will come.</summary>
    public void Complete()
    {
        Volatile.Write(ref complete, true);
        arrived.Writer.TryComplete();
    }

    // ---- the sender's side

    /// <summary>Begins behind what stands in the log.</summary>
    public void Start(long mark)
    {
        lock (gate)
        {
            segments.Seek(mark);
            // A spool that is older than the log: whatever has these numbers was another batch.
            number = Math.Max(number, mark);
            started = true;
        }
    }

    /// <summary>Waits for a batch; false when none will come any more.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!await arrived.Reader.WaitToReadAsync(cancellationToken)) return false;
        arrived.Reader.TryRead(out _);
        return true;
    }

    /// <summary>
    /// The oldest batch that waits and was not taken; false when there is none, or none before those that were taken are settled. Give it, in the order of taking, to
    /// <see cref="Settle"/>, or to <see cref="Leave"/> with all that were taken after it.
    /// </summary>
    public bool TryTake(out SpooledBatch taken)
    {
        lock (gate)
        {
            if (!queue.TryDequeue(out taken) && !TryReadBack(out taken)) return false;
            inHand++;
            return true;
        }
    }

    private bool TryReadBack(out SpooledBatch taken)
    {
        taken = default;
        if (!behind) return false;
        var batch = readBack.TryPop(out var used) ? used : new EventBatch();
        if (inHand > 0 ? segments.TryReadAhead(batch, out var entry) : segments.TryRead(batch, out entry))
        {
            taken = new(batch, entry, true);
            return true;
        }
        readBack.Push(batch);
        behind = inHand > 0;
        return false;
    }

    /// <summary>The batch stands in the log, or was given up.</summary>
    /// <param name="taken">By <see cref="TryTake"/>.</param>
    /// <param name="holds">The log was just seen to hold what was appended before, so that what had its time can go.</param>
    public void Settle(in SpooledBatch taken, bool holds)
    {
        lock (gate)
        {
            segments.Settle(taken.Entry);
            if (holds) segments.RemoveKept();
        }
        Leave(taken);
    }

    /// <summary>The batch stays on disk, to be sent after a <see cref="Rewind"/>, or by the next run.</summary>
    public void Leave(in SpooledBatch taken)
    {
        lock (gate)
        {
            inHand--;
            if (taken.IsRead) readBack.Push(taken.Batch);
        }
        if (!taken.IsRead) memory.Release(taken.Batch);
    }

    /// <summary>The log ends at <paramref name="mark"/>: all that is held above it is read and sent again. False when the batch right above it is not held any more.</summary>
    public bool Rewind(long mark)
    {
        bool isWhole;
        lock (gate)
        {
            while (queue.TryDequeue(out var waiting)) memory.Release(waiting.Batch);
            isWhole = segments.Seek(mark);
            behind = true;
        }
        arrived.Writer.TryWrite(default);
        return isWhole;
    }

    // ---- room, for all partitions

    public bool TryRemoveKept()
    {
        lock (gate) return segments.TryRemoveKept();
    }

    public long? OldestUnsent
    {
        get
        {
            lock (gate) return segments.OldestUnsent;
        }
    }

    public void DropOldest()
    {
        lock (gate)
        {
            segments.DropOldest();
        }
    }

    public void Dispose() => segments.Dispose();
}
