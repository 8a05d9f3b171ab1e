using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>An entry, and in which node of the stream it lies: trimming with <c>~</c> removes whole nodes.</summary>
internal readonly record struct ModelEntry(StreamId Id, string[] Fields, long Node);

/// <summary>A consumer group: its position, its consumers, and what was delivered and not acknowledged.</summary>
internal sealed class GroupModel
{
    public StreamId LastDelivered { get; set; }

    public HashSet<string> Consumers { get; private init; } = [];

    public SortedDictionary<StreamId, string> Pending { get; private init; } = [];

    public GroupModel Copy() => new() { LastDelivered = LastDelivered, Consumers = [.. Consumers], Pending = new(Pending) };
}

/// <summary>A stream as Redis 7.0 keeps it.</summary>
internal sealed class StreamModel
{
    private readonly List<ModelEntry> entries = [];
    private int first;
    private long node;
    private int inNode;

    public StreamId LastId { get; set; }

    public long Added { get; private set; }

    public SortedDictionary<string, GroupModel> Groups { get; private init; } = new(StringComparer.Ordinal);

    public int Count => entries.Count - first;

    public IEnumerable<ModelEntry> Entries => entries.Skip(first);

    public ModelEntry this[int index] => entries[first + index];

    /// <summary>IDs never go back: with a clock behind the last ID the sequence grows.</summary>
    public StreamId NextId(long nowMilliseconds) => nowMilliseconds > LastId.Milliseconds ? new StreamId(nowMilliseconds, 0) : LastId.Next();

    public void Add(StreamId id, string[] fields, int nodeEntriesMax)
    {
        if (inNode >= nodeEntriesMax) (node, inNode) = (node + 1, 0);
        entries.Add(new ModelEntry(id, fields, node));
        inNode++;
        LastId = id;
        Added++;
    }

    /// <summary>Index of the first entry at or behind an ID.</summary>
    public int IndexOf(StreamId id)
    {
        int low = first, high = entries.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Id < id) low = middle + 1;
            else high = middle;
        }

        return low - first;
    }

    public bool TryGet(StreamId id, out ModelEntry entry)
    {
        var index = IndexOf(id);
        entry = index < Count ? this[index] : default;
        return index < Count && entry.Id == id;
    }

    public void RemoveFirst(int count)
    {
        first += count;
        if (first < 256 || first * 2 < entries.Count) return;
        entries.RemoveRange(0, first);
        first = 0;
    }

    /// <summary>How many entries the first node still has.</summary>
    public int FirstNodeCount()
    {
        var count = 0;
        while (count < Count && this[count].Node == this[0].Node) count++;
        return count;
    }

    public StreamModel Copy()
    {
        var copy = new StreamModel { LastId = LastId, Added = Added, node = node, inNode = inNode };
        copy.entries.AddRange(Entries);
        foreach (var (name, group) in Groups) copy.Groups.Add(name, group.Copy());
        return copy;
    }
}
