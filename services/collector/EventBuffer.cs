using System.Threading.Channels;
using WgMonitor.Collector.Relp;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>
/// Events between the listeners and Redis: for every partition a batch that fills and a queue of full ones, in order. Bounded in events and bytes
/// over all partitions; what does not fit is refused at once, because UDP cannot be told to wait. Other transports wait for room and try again.
/// </summary>
/// <remarks>Thread-safe. An event is written straight into its batch; nothing is allocated an event, and batches are used again.</remarks>
internal sealed class EventBuffer
{
    // Batches kept for later use, as many as a spool has in hand; more are only needed after Redis was away.
    private const int PooledPerPartition = 10;

    private readonly Lock gate = new();
    private readonly Stack<EventBatch> pool = new();
    private readonly Partition[] partitions;
    private readonly int batchEventsMax;
    private readonly int eventsMax;
    private readonly long bytesMax;
    private int events;
    private long bytes;

    // Exists only while somebody waits for room.
    private TaskCompletionSource? room;

    public EventBuffer(int partitionCount, int batchEventsMax, int eventsMax, long bytesMax)
    {
        this.batchEventsMax = batchEventsMax;
        this.eventsMax = eventsMax;
        this.bytesMax = bytesMax;
        partitions = [.. Enumerable.Range(0, partitionCount).Select(_ => new Partition())];
    }

    public int PartitionCount => partitions.Length;

    /// <summary>Events accepted and not yet settled.</summary>
    public int EventCount
    {
        get
        {
            lock (gate) return events;
        }
    }

    /// <summary>Bytes of those events.</summary>
    public long ByteCount
    {
        get
        {
            lock (gate) return bytes;
        }
    }

    /// <summary>Half of the room is taken: what is safe elsewhere should be settled.</summary>
    public bool IsCrowded
    {
        get
        {
            lock (gate) return events >= eventsMax / 2 || bytes >= bytesMax / 2;
        }
    }

    /// <summary>Writes the event into the partition's batch; false when the buffer is full.</summary>
    /// <param name="partitionNumber">0 to partitions - 1.</param>
    /// <param name="fields">The event.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="frame">By which a repetition of the event is known, to be stored with it; default for none.</param>
    public bool TryWrite(int partitionNumber, in EventFields fields, out EventPosition position, RelpFrameId frame = default)
    {
        var partition = partitions[partitionNumber];
        position = default;
        lock (gate)
        {
            if (IsFull) return false;
            if (partition.Filling.Count >= batchEventsMax)
            {
                partition.Full.Enqueue(partition.Filling);
                partition.Filling = Rent();
            }
            var batch = partition.Filling;
            var bytesBefore = batch.ByteCount;
            batch.BeginEvent();
            EventEncoder.Write(fields, ref batch);
            batch.EndEvent();
            if (frame != default) frame.AttachTo(batch);
            events++;
            bytes += batch.ByteCount - bytesBefore;
            position = new(partitionNumber, ++partition.Written);
            if (batch.Count == 1) partition.Wake.Writer.TryWrite(default);
            return true;
        }
    }

    /// <summary>Ends when there is room again: the sender is made to wait by not being read.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!IsFull) return Task.CompletedTask;
            room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends when the event is safe: appended to the log.</summary>
    public Task WaitDurableAsync(EventPosition position, CancellationToken cancellationToken)
    {
        var partition = partitions[position.Partition];
        if (position.Number > partition.Durable.Number) Hurry(partition);
        return partition.Durable.WaitAsync(position.Number, cancellationToken);
    }

    /// <summary>Events of the partition up to this number are safe.</summary>
    public void Durable(EventPosition position) => partitions[position.Partition].Durable.Advance(position.Number);

    /// <summary>There is room for an event.</summary>
    public bool HasRoom
    {
        get
        {
            lock (gate) return !IsFull;
        }
    }

    /// <summary>The latest event of each partition, for <see cref="AreDurable"/>.</summary>
    public EventPosition[] ReadPositions()
    {
        lock (gate) return [.. partitions.Select((partition, number) => new EventPosition(number, partition.Written))];
    }

    /// <summary>All events up to these are safe.</summary>
    public bool AreDurable(IReadOnlyList<EventPosition> positions) => positions.All(position => partitions[position.Partition].Durable.Number >= position.Number);

    /// <summary>Ends when somebody waits for the partition's events to be safe, so that they should not wait for others to share their call.</summary>
    public Task HurriedAsync(int partitionNumber) => partitions[partitionNumber].Hurried.Task;

    private void Hurry(Partition partition)
    {
        lock (gate) partition.Hurried.TrySetResult();
    }

    /// <summary>Waits until the partition has an event; false when <see cref="Complete"/> was called and nothing is left to announce.</summary>
    public async ValueTask<bool> WaitAsync(int partitionNumber, CancellationToken cancellationToken)
    {
        var wake = partitions[partitionNumber].Wake.Reader;
        if (!await wake.WaitToReadAsync(cancellationToken)) return false;
        wake.TryRead(out _);
        return true;
    }

    /// <summary>A batch is full, so waiting for more events to come would gain nothing.</summary>
    public bool HasFullBatch(int partitionNumber)
    {
        var partition = partitions[partitionNumber];
        lock (gate) return partition.Full.Count > 0 || partition.Filling.Count >= batchEventsMax;
    }

    /// <summary>The oldest batch of the partition, to be given back by <see cref="Settle"/>; null when it has no event.</summary>
    public EventBatch? Take(int partitionNumber)
    {
        var partition = partitions[partitionNumber];
        lock (gate)
        {
            if (partition.Hurried.Task.IsCompleted) partition.Hurried = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (partition.Full.TryDequeue(out var full))
            {
                // The signal of what came behind it was dropped if that of this batch had not been taken yet.
                if (partition.Filling.Count > 0) partition.Wake.Writer.TryWrite(default);
                return full;
            }
            if (partition.Filling.Count == 0) return null;
            var batch = partition.Filling;
            partition.Filling = Rent();
            return batch;
        }
    }

    /// <summary>The batch is appended or given up: its room is free again.</summary>
    public void Settle(EventBatch batch)
    {
        var (count, size) = (batch.Count, batch.ByteCount - EmptyBatchBytes);
        batch.Clear();
        lock (gate)
        {
            events -= count;
            bytes -= size;
            if (pool.Count < PooledPerPartition * partitions.Length) pool.Push(batch);
            if (room is null || IsFull) return;
            room.TrySetResult();
            room = null;
        }
    }

    /// <summary>No event will be written any more: waiting ends once what is there was taken.</summary>
    public void Complete()
    {
        foreach (var partition in partitions) partition.Wake.Writer.TryComplete();
    }

    private static readonly int EmptyBatchBytes = new EventBatch().ByteCount;

    private bool IsFull => events >= eventsMax || bytes >= bytesMax;

    private EventBatch Rent() => pool.TryPop(out var batch) ? batch : new EventBatch();

    private sealed class Partition
    {
        public EventBatch Filling { get; set; } = new();

        /// <summary>Events written since the start.</summary>
        public long Written { get; set; }

        public DurableMark Durable { get; } = new();

        public TaskCompletionSource Hurried { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Queue<EventBatch> Full { get; } = new();

        /// <summary>Holds one signal at most: the first event of a batch is here.</summary>
        public Channel<bool> Wake { get; } = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    }
}
