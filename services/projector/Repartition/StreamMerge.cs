using System.Text;
using StackExchange.Redis;
using WgMonitor.Streams;
using StreamEntry = StackExchange.Redis.StreamEntry;

namespace WgMonitor.Projector.Repartition;

/// <summary>What a merge copied.</summary>
/// <param name="Count">Entries.</param>
/// <param name="Renumbered">Of these, those that got another ID.</param>
/// <param name="First">First ID of each new partition; zero for none.</param>
/// <param name="Last">Last ID of each new partition; zero for none.</param>
internal sealed record MergedStreams(long Count, long Renumbered, StreamId[] First, StreamId[] Last);

/// <param name="Source">Old partition.</param>
/// <param name="Id">Its ID there.</param>
/// <param name="Target">New partition.</param>
/// <param name="NewId">Its ID there.</param>
internal readonly record struct MovedEntry(int Source, StreamId Id, int Target, StreamId NewId);

/// <summary>
/// Copies the streams of all old partitions into the new ones, each entry to that of its host, all in the order of their IDs. So the entries of a host keep
/// their order, and every entry its ID, unless another of the same ID came from another partition: then it gets the next one.
/// </summary>
internal sealed class StreamMerge(IConnectionMultiplexer redis, int from, int to)
{
    private const int PageSize = 1000;
    private const int InFlightMax = 2000;

    /// <param name="source">Key of an old partition's stream.</param>
    /// <param name="target">Key of a new partition's stream.</param>
    /// <param name="after">Entries up to these are left out, an old partition each; null for none.</param>
    /// <param name="moved">Told of each entry, in order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="rewrite">Gives the fields of an entry in its new partition; null for as they are.</param>
    public async Task<MergedStreams> CopyAsync(
        Func<int, string> source, Func<int, string> target, IReadOnlyList<StreamId>? after, Action<MovedEntry>? moved, CancellationToken cancellationToken,
        Func<MovedEntry, NameValueEntry[], NameValueEntry[]>? rewrite = null)
    {
        var database = redis.GetDatabase();
        var (first, last) = (new StreamId[to], new StreamId[to]);
        long count = 0, renumbered = 0;
        var readers = new IAsyncEnumerator<StreamEntry>[from];
        var next = new PriorityQueue<int, (StreamId Id, int Source)>();
        for (var partition = 0; partition < from; partition++)
        {
            readers[partition] = ReadAsync(source(partition), after?[partition] ?? StreamId.Zero, cancellationToken).GetAsyncEnumerator(cancellationToken);
            if (await readers[partition].MoveNextAsync()) next.Enqueue(partition, (IdOf(readers[partition].Current), partition));
        }

        var writing = new List<Task>(InFlightMax);
        while (next.TryDequeue(out var partition, out var place))
        {
            var entry = readers[partition].Current;
            var at = TargetOf(entry);
            var id = place.Id > last[at] ? place.Id : last[at].Next();
            if (id != place.Id) renumbered++;
            // One connection to a server keeps their order.
            var move = new MovedEntry(partition, place.Id, at, id);
            writing.Add(database.StreamAddAsync(target(at), rewrite is null ? entry.Values : rewrite(move, entry.Values), id.ToString(), flags: CommandFlags.DemandMaster));
            if (first[at] == StreamId.Zero) first[at] = id;
            last[at] = id;
            count++;
            moved?.Invoke(move);
            if (writing.Count == InFlightMax) await DrainAsync(writing, cancellationToken);
            if (await readers[partition].MoveNextAsync()) next.Enqueue(partition, (IdOf(readers[partition].Current), partition));
        }
        await DrainAsync(writing, cancellationToken);
        foreach (var reader in readers) await reader.DisposeAsync();
        return new(count, renumbered, first, last);
    }

    /// <summary>The new partition of what tells its host; 0 for what tells none.</summary>
    public int TargetOf(StreamEntry entry) => TargetOf(entry["host"].ToString());

    /// <summary>The new partition of a host.</summary>
    public int TargetOf(string host) => host.Length == 0 ? 0 : Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), to);

    private async IAsyncEnumerable<StreamEntry> ReadAsync(string key, StreamId after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await redis.GetDatabase().StreamRangeAsync(key, $"({after}", "+", PageSize, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            foreach (var entry in page) yield return entry;
            if (page.Length < PageSize) yield break;
            after = IdOf(page[^1]);
        }
    }

    private static async Task DrainAsync(List<Task> writing, CancellationToken cancellationToken)
    {
        await Task.WhenAll(writing).WaitAsync(cancellationToken);
        writing.Clear();
    }

    private static StreamId IdOf(StreamEntry entry) => StreamId.Parse(entry.Id.ToString());
}
