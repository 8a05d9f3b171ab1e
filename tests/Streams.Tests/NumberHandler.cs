using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using StackExchange.Redis;
using WgMonitor.Events;

namespace WgMonitor.Streams.Tests;

/// <summary>
/// Folds numbers: memory holds count and a hash that depends on the order; both are stored in a hash with every batch, and every number is copied to an outbox
/// stream. An event lost, doubled or out of order shows in the outbox; memory that does not fit the stored state shows in the hash.
/// </summary>
public sealed class NumberHandlerFactory(IDatabase database, StreamKeys keys, string group) : IPartitionHandlerFactory
{
    /// <summary>Called before a batch is folded.</summary>
    public Func<OwnedPartition, IReadOnlyList<StreamEntry>, Task>? BeforeApply { get; set; }

    /// <summary>Called after a batch was folded, before it is committed.</summary>
    public Func<OwnedPartition, IReadOnlyList<StreamEntry>, Task>? AfterApply { get; set; }

    public ConcurrentQueue<(int Partition, StreamId Checkpoint, long Epoch)> Created { get; } = [];

    public ConcurrentQueue<string> WrongKeys { get; } = [];

    public ConcurrentQueue<int> Parked { get; } = [];

    public string State(int partition) => keys.InPartition(partition, $"state:{group}");

    public string Outbox(int partition) => keys.InPartition(partition, $"outbox:{group}");

    public async ValueTask<IPartitionHandler> CreateAsync(OwnedPartition partition, StreamId checkpoint, CancellationToken cancellationToken)
    {
        Created.Enqueue((partition.Partition, checkpoint, partition.Epoch));
        var stored = await database.HashGetAsync(State(partition.Partition), ["count", "order"]);
        return new Handler(this, partition, (long?)stored[0] ?? 0, (long?)stored[1] ?? 0);
    }

    /// <summary>The stored fold of these numbers, for comparison.</summary>
    public static (long Count, long Order) Fold(IEnumerable<int> numbers) => numbers.Aggregate((0L, 0L), (fold, number) => (fold.Item1 + 1, Next(fold.Item2, number)));

    public async Task<(long Count, long Order)> StoredAsync(int partition)
    {
        var stored = await database.HashGetAsync(State(partition), ["count", "order"]);
        return ((long?)stored[0] ?? 0, (long?)stored[1] ?? 0);
    }

    private static long Next(long order, int number) => unchecked(order * 1_000_003 + number);

    private sealed class Handler(NumberHandlerFactory factory, OwnedPartition partition, long count, long order) : IPartitionHandler
    {
        private long count = count;
        private long order = order;

        public async ValueTask ApplyAsync(IReadOnlyList<StreamEntry> entries, FencedBatch batch, CancellationToken cancellationToken)
        {
            if (factory.BeforeApply is { } before) await before(partition, entries);
            foreach (var entry in entries)
            {
                var number = Numbers.Of(entry);
                this.count++;
                this.order = Next(this.order, number);
                batch.AppendToStream(factory.Outbox(partition.Partition), [Field("n", number)]);
            }

            batch.SetHash(factory.State(partition.Partition), [Field("count", this.count), Field("order", this.order)]);
            if (factory.AfterApply is { } after) await after(partition, entries);
        }

        public ValueTask ParkAsync(StreamEntry entry, FencedBatch batch, CancellationToken cancellationToken)
        {
            factory.Parked.Enqueue(Numbers.Of(entry));
            return ValueTask.CompletedTask;
        }

        public ValueTask CommittedAsync(StreamId checkpoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask WrongTypeAsync(string key, FencedBatch batch, CancellationToken cancellationToken)
        {
            factory.WrongKeys.Enqueue(key);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static EventField Field(string name, long value) => new(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
    }
}
