using Microsoft.Win32.SafeHandles;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Spool;

/// <summary>A batch in the spool.</summary>
/// <param name="Segment">The file.</param>
/// <param name="End">Where the next record begins.</param>
/// <param name="Number">Of the batch.</param>
/// <param name="Events">In it.</param>
internal readonly record struct SpoolEntry(SpoolSegment Segment, long End, long Number, int Events);

/// <summary>
/// The batches of one partition on disk: segments in the order of the batch numbers, written at the end of the last, read at a cursor. Behind the
/// cursor lies what stands in the log and is kept for a while, in case Redis loses it again. Not thread-safe: <see cref="PartitionSpool"/> has the lock.
/// </summary>
/// <param name="files">Makes and finds the files.</param>
/// <param name="partition">Whose batches.</param>
/// <param name="options">Bounds.</param>
/// <param name="counts">Shared by all partitions.</param>
/// <param name="time">Clock.</param>
internal sealed class SpoolSegments(SpoolFiles files, int partition, SpoolOptions options, SpoolCounts counts, TimeProvider time) : IDisposable
{
    private readonly List<SpoolSegment> segments = [];
    private readonly long rollAge = Math.Max(Microseconds(options.KeepAppended), Microseconds(TimeSpan.FromMinutes(1)));
    private byte[] body = new byte[4096];
    private int current;
    private long offset;
    private long damageSeen;
    private long settled;

    // The last one handed out: reading ahead of the cursor goes on behind it. After a seek it is only a number.
    private SpoolEntry handedOut;

    private SpoolSegment Active => segments[^1];

    public int Count => segments.Count;

    /// <summary>Nothing is left to be read.</summary>
    public bool IsAtEnd => current == segments.Count - 1 && offset >= Active.Length;

    /// <summary>What waits to stand in the log.</summary>
    public SpoolTally Waiting => segments.Skip(current).Aggregate(default(SpoolTally), (sum, segment) => sum + segment.All - segment.Settled);

    /// <summary>When the oldest of it was written, Unix microseconds, exact to a segment; null when nothing waits.</summary>
    public long? OldestWaiting => IsAtEnd ? null : segments.Skip(current).Select(segment => segment.FirstWritten).FirstOrDefault(written => written > 0);

    /// <summary>Finds what an earlier run left.</summary>
    public void Load()
    {
        foreach (var segment in files.Open(partition))
        {
            segments.Add(segment);
            segment.Dispose();
            SpoolCounts.Add(ref counts.Bytes, segment.Length);
        }
    }

    /// <summary>
    /// What an earlier run attached to its newest batches, each with the time of writing, until there is enough of it; as safe as what is written now.
    /// </summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public IEnumerable<(long Written, byte[] Attached)> ReadAttached(long bytesEnough)
    {
        var bytes = 0L;
        for (var index = segments.Count - 1; index >= 0 && bytes < bytesEnough; index--)
        {
            if (segments[index].AttachedBytes == 0) continue;
            // A killed process may have left it to the kernel.
            if (options.Level == Durability.Fsync) RandomAccess.FlushToDisk(segments[index].Handle);
            foreach (var read in segments[index].ReadAttached()) yield return read;
            bytes += segments[index].AttachedBytes;
            segments[index].Dispose();
        }
    }

    /// <summary>Highest number an earlier run may have used, as far as the disk tells; 0 for none.</summary>
    public long LastNumber => segments.Count == 0 ? 0 : Active.LastNumber;

    /// <summary>Begins the segment of this run behind what was found.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Begin(long firstNumber)
    {
        segments.Add(files.Create(partition, firstNumber));
        foreach (var empty in segments.SkipLast(1).Where(segment => segment.Length == 0)) files.Delete(empty);
        segments.RemoveAll(segment => segment.Length == 0 && segment != Active);
        LeaveReadSegments();
    }

    /// <summary>Writes a batch behind all others.</summary>
    /// <exception cref="IOException">The disk refuses; nothing was added.</exception>
    public SpoolEntry Append(long number, EventBatch batch)
    {
        var full = Active.Length + SpoolHeader.Bytes + batch.ByteCount > files.SegmentBytes;
        // Segments that are appended and old go as a whole, so that slow ones must not be filled first.
        if (Active.Length > 0 && (full || (IsAtEnd && Now - Active.FirstWritten > rollAge))) Roll(number);
        var before = Active.Length;
        Active.Append(number, Now, batch);
        SpoolCounts.Add(ref counts.Bytes, Active.Length - before);
        return new(Active, Active.Length, number, batch.Count);
    }

    /// <summary>The segment to be flushed, so that all that was written is on the disk: those before it were flushed when it began.</summary>
    public SafeFileHandle ToFlush => Active.Handle;

    /// <summary>Ends the segment: after a failed flush nobody knows what the disk has of it.</summary>
    public void Roll(long firstNumber)
    {
        if (Active.Length == 0) return;
        if (options.Level == Durability.Fsync) RandomAccess.FlushToDisk(Active.Handle);
        var next = files.Create(partition, firstNumber);
        if (segments.Count - 1 > current) Active.Dispose();
        segments.Add(next);
        LeaveReadSegments();
    }

    /// <summary>The batch at the cursor, which moves only by <see cref="Settle"/>. False at the end. Damage and what is too old is counted and passed.</summary>
    public bool TryRead(EventBatch batch, out SpoolEntry entry)
    {
        for (entry = default; ; LeaveReadSegments())
        {
            var segment = segments[current];
            try
            {
                if (TryRead(segment, batch, out entry)) return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                files.ReadFailed(segment, exception);
                Damaged(segment.Length, false, 0);
            }
            offset = segment.Length;
            if (segment != Active) continue;
            // What was given up on the way does not wait any more.
            segment.Settled = segment.All;
            return false;
        }
    }

    private bool TryRead(SpoolSegment segment, EventBatch batch, out SpoolEntry entry)
    {
        while (segment.TryFind(offset, settled + 1, out var header, out var at, out var torn) || Ended(torn))
        {
            if (at > offset) Damaged(at, false, 0);
            entry = new(segment, at + header.RecordBytes, header.Number, header.Events);
            var expired = Now - header.Written > Microseconds(options.AgeMax);
            if (!expired && segment.TryRead(at, header, ref body, batch))
            {
                HandedOut(entry);
                return true;
            }
            if (expired) SpoolCounts.Add(ref counts.DroppedAge, header.Events);
            else Damaged(entry.End, false, header.Events);
            (settled, offset) = (header.Number, entry.End);
        }
        entry = default;
        return false;

        bool Ended(bool torn)
        {
            if (offset < segment.Length) Damaged(segment.Length, torn, 0);
            return false;
        }
    }

    /// <summary>
    /// The batch behind the last one that was handed out, while the cursor waits for that. False at the end, and where something else comes than a sound batch:
    /// that is looked at when the cursor gets there.
    /// </summary>
    public bool TryReadAhead(EventBatch batch, out SpoolEntry entry)
    {
        entry = default;
        var (index, at) = (segments.IndexOf(handedOut.Segment), handedOut.End);
        if (index >= 0 && at >= segments[index].Length) (index, at) = (index + 1, 0);
        if (index < 0 || index == segments.Count) return false;
        var segment = segments[index];
        try
        {
            if (!segment.TryFind(at, handedOut.Number + 1, out var header, out var found, out _) || found != at) return false;
            if (Now - header.Written > Microseconds(options.AgeMax) || !segment.TryRead(at, header, ref body, batch)) return false;
            entry = new(segment, at + header.RecordBytes, header.Number, header.Events);
            HandedOut(entry);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The batch was taken from memory instead of being read.</summary>
    public void HandedOut(in SpoolEntry entry) => handedOut = entry;

    public bool WasHandedOut(in SpoolEntry entry) => entry.Number <= handedOut.Number;

    /// <summary>The batch stands in the log, or is given up: the cursor moves behind it.</summary>
    public void Settle(in SpoolEntry entry)
    {
        settled = entry.Number;
        var index = segments.IndexOf(entry.Segment);
        if (index < 0) return;
        (current, offset) = (index, entry.End);
        entry.Segment.Settled += new SpoolTally(1, entry.Events);
        LeaveReadSegments();
    }

    /// <summary>Removes appended segments whose time has come; called when an append has just shown that the log still holds all before it.</summary>
    public void RemoveKept()
    {
        while (current > 0 && time.GetElapsedTime(segments[0].SettledAt) >= options.KeepAppended) Remove(0);
    }

    /// <summary>The cursor goes to the first batch above <paramref name="mark"/>, backwards or forwards. False when that is not the batch right above it.</summary>
    public bool Seek(long mark)
    {
        long? next = null;
        (settled, handedOut) = (mark, new() { Number = mark });
        current = Math.Max(0, segments.FindLastIndex(segment => segment.FirstNumber <= mark));
        for (var i = 0; i < segments.Count; i++)
        {
            segments[i].Settled = i < current ? segments[i].All : default;
            if (i < current) segments[i].SettledAt = time.GetTimestamp();
        }
        offset = 0;
        // Damage in front of the batch stays in front of the cursor, to be counted when it is passed.
        try
        {
            for (var from = 0L; segments[current].TryFind(from, 0, out var header, out var at, out _); offset = from)
            {
                next = header.Number;
                if (next > mark) break;
                from = at + header.RecordBytes;
                segments[current].Settled += new SpoolTally(1, header.Events);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Reading will meet the same, and count it.
        }
        if (next is null || next <= mark) next = current + 1 < segments.Count ? segments[current + 1].FirstNumber : null;
        LeaveReadSegments();
        return next == mark + 1;
    }

    /// <summary>Makes room by an appended segment, before its time. False when there is none.</summary>
    public bool TryRemoveKept()
    {
        if (IsAtEnd && Active.Length > 0) Roll(Active.LastNumber + 1);
        if (current == 0) return false;
        Remove(0);
        return true;
    }

    /// <summary>When the oldest segment was begun that nobody has begun to send; null for none.</summary>
    public long? OldestUnsent => FirstUnsent is >= 0 and var index ? segments[index].FirstWritten : null;

    /// <summary>Makes room by that segment. The events in it are lost and counted.</summary>
    public void DropOldest()
    {
        if (FirstUnsent is var index && index < 0) return;
        if (index == segments.Count - 1) Roll(Active.LastNumber + 1);
        SpoolCounts.Add(ref counts.DroppedFull, segments[index].All.Events);
        if (index == current) offset = 0;
        Remove(index);
    }

    public void Dispose()
    {
        foreach (var segment in segments) segment.Dispose();
    }

    private int FirstUnsent => segments.FindIndex(current, segment => segment.All.Batches > 0 && segment.FirstNumber > handedOut.Number);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private void Remove(int index)
    {
        var segment = segments[index];
        SpoolCounts.Add(ref counts.Bytes, -segment.Length);
        segments.RemoveAt(index);
        if (index < current) current--;
        files.Delete(segment);
    }

    private void LeaveReadSegments()
    {
        for (; current < segments.Count - 1 && offset >= segments[current].Length; (current, offset, damageSeen) = (current + 1, 0, 0))
        {
            segments[current].Settled = segments[current].All;
            segments[current].SettledAt = time.GetTimestamp();
            segments[current].Dispose();
        }
    }

    /// <summary>Counts what lies between the cursor and <paramref name="end"/>, once however often it is passed.</summary>
    private void Damaged(long end, bool torn, int events)
    {
        if (end <= damageSeen) return;
        damageSeen = end;
        SpoolCounts.Add(ref torn ? ref counts.Torn : ref counts.Corrupt);
        SpoolCounts.Add(ref counts.DroppedCorrupt, events);
    }
}
