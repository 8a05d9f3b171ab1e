using System.Globalization;
using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>
/// Writes to keys of one partition that happen together, in the order recorded, by one script and only while the partition is owned. Reusable, not thread-safe.
/// </summary>
/// <remarks>
/// Every key must carry the partition's hash tag (<see cref="StreamKeys.InPartition"/>); another key is a bug and throws at once. Only
/// <see cref="SetHashOutside"/> takes the names of another program.
/// </remarks>
public sealed class FencedBatch
{
    private const int FieldsMax = 2000;

    private readonly string tag;
    private readonly MessagePackWriter writer = new();
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);
    private readonly List<string> keys = [];
    private readonly List<char> types = [];

    /// <summary>An empty batch for keys of <paramref name="partition"/>.</summary>
    public FencedBatch(int partition)
    {
        tag = StreamKeys.Tag(partition);
        Clear();
    }

    /// <summary>Recorded writes.</summary>
    public int Count { get; private set; }

    /// <summary>Packed size in bytes.</summary>
    public int ByteCount => writer.Length;

    internal IReadOnlyList<string> Keys => keys;

    /// <summary>One letter a key: what the script checks before it writes.</summary>
    internal string Types => string.Concat(types);

    internal ReadOnlyMemory<byte> Packed
    {
        get
        {
            writer.PatchArray(0, Count);
            return writer.Written;
        }
    }

    /// <summary>Sets fields of a hash (HSET); other fields stay.</summary>
    public void SetHash(string key, ReadOnlySpan<EventField> fields)
    {
        if (fields.IsEmpty) return;
        BeginWrite(Write.SetHash, key, KeyType.Hash, fields.Length * 2);
        foreach (ref readonly var field in fields) Field(field);
    }

    /// <summary>Sets a field of a hash to a position in a stream unless it is behind it already: a commit that Redis executes late, after later ones, takes nothing back.</summary>
    public void Advance(string key, ReadOnlySpan<byte> field, StreamId position)
    {
        BeginWrite(Write.Advance, key, KeyType.Hash, 2);
        writer.Text(field);
        writer.Text(position.ToString());
    }

    /// <summary>
    /// As <see cref="SetHash"/>, for a key in the naming of another program, which lies in no partition: only where Redis is no cluster, which gives a script
    /// keys of one slot. Two partitions must not write the same one, for the fence is the partition's.
    /// </summary>
    /// <param name="key">The hash.</param>
    /// <param name="fields">Set; one or more.</param>
    /// <param name="absent">Fields that go; others stay.</param>
    public void SetHashOutside(string key, ReadOnlySpan<EventField> fields, ReadOnlySpan<ReadOnlyMemory<byte>> absent)
    {
        if (fields.IsEmpty) throw new ArgumentException("A hash needs a field.", nameof(fields));
        BeginWrite(Write.SetHash, key, KeyType.Hash, fields.Length * 2, isOutside: true);
        foreach (ref readonly var field in fields) Field(field);
        if (absent.IsEmpty) return;
        BeginWrite(Write.RemoveFields, key, KeyType.Hash, absent.Length, isOutside: true);
        foreach (var name in absent) writer.Text(name.Span);
    }

    /// <summary>Removes a key of any type.</summary>
    public void DeleteKey(string key) => BeginWrite(Write.DeleteKey, key, KeyType.Any, 0);

    /// <summary>Adds a member to a sorted set, or changes its score.</summary>
    public void AddToSortedSet(string key, ReadOnlySpan<byte> member, double score = 0)
    {
        if (!double.IsFinite(score)) throw new ArgumentOutOfRangeException(nameof(score));
        BeginWrite(Write.AddToSortedSet, key, KeyType.SortedSet, 2);
        writer.Text(score.ToString("R", CultureInfo.InvariantCulture));
        writer.Text(member);
    }

    /// <summary>Removes a member of a sorted set.</summary>
    public void RemoveFromSortedSet(string key, ReadOnlySpan<byte> member)
    {
        BeginWrite(Write.RemoveFromSortedSet, key, KeyType.SortedSet, 1);
        writer.Text(member);
    }

    /// <summary>Appends an entry to a stream of the partition other than its log; Redis chooses the ID.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="fields">One field or more.</param>
    /// <param name="lengthMax">Old entries above this number go (roughly: whole nodes); null keeps all.</param>
    public void AppendToStream(string key, ReadOnlySpan<EventField> fields, long? lengthMax = null)
    {
        if (fields.IsEmpty) throw new ArgumentException("An entry needs a field.", nameof(fields));
        BeginWrite(Write.AppendToStream, key, KeyType.Stream, 1 + fields.Length * 2);
        writer.Integer(lengthMax ?? 0);
        foreach (ref readonly var field in fields) Field(field);
    }

    /// <summary>Lets a key of any type expire; the time counts from the commit.</summary>
    public void Expire(string key, TimeSpan after)
    {
        BeginWrite(Write.Expire, key, KeyType.Unchecked, 1);
        writer.Integer(Math.Clamp((long)after.TotalMilliseconds, 1, (long)TimeSpan.FromDays(3650).TotalMilliseconds));
    }

    /// <summary>Empties the batch for the next use.</summary>
    public void Clear()
    {
        writer.Clear();
        writer.BeginArray();
        indexes.Clear();
        keys.Clear();
        types.Clear();
        Count = 0;
    }

    /// <summary>Leaves out all writes to a key, recorded ones and later ones.</summary>
    internal void Skip(string key)
    {
        if (indexes.TryGetValue(key, out var index)) types[index] = KeyType.Skipped;
    }

    internal void Abandon() => writer.Abandon();

    private void BeginWrite(int write, string key, char type, int arguments, bool isOutside = false)
    {
        if (arguments > FieldsMax * 2) throw new ArgumentException($"One write has at most {FieldsMax} fields.");
        if (!isOutside && !key.Contains(tag, StringComparison.Ordinal)) throw new ArgumentException($"Key '{key}' does not belong to {tag}.", nameof(key));
        var index = IndexOf(key, type);
        var at = writer.BeginArray();
        writer.PatchArray(at, 2 + arguments);
        writer.Integer(write);
        writer.Integer(index + 1);
        Count++;
    }

    // The script looks at a key once, before the first write: so the first write that cares decides what must be there.
    private int IndexOf(string key, char type)
    {
        if (!indexes.TryGetValue(key, out var index))
        {
            index = keys.Count;
            indexes.Add(key, index);
            keys.Add(key);
            types.Add(type);
            return index;
        }

        var known = types[index];
        if (known == KeyType.Unchecked) types[index] = type;
        else if (known != type && known is not (KeyType.Any or KeyType.Skipped) && type is not (KeyType.Any or KeyType.Unchecked))
            throw new InvalidOperationException($"Key '{key}' is written as two types.");
        return index;
    }

    private void Field(in EventField field)
    {
        writer.Text(field.Name.Span);
        writer.Text(field.Value.Span);
    }

    // As in commit.lua.
    private static class Write
    {
        public const int SetHash = 1;
        public const int DeleteKey = 2;
        public const int AddToSortedSet = 3;
        public const int RemoveFromSortedSet = 4;
        public const int AppendToStream = 5;
        public const int Expire = 6;
        public const int RemoveFields = 7;
        public const int Advance = 8;
    }

    private static class KeyType
    {
        public const char Hash = 'h';
        public const char SortedSet = 'z';
        public const char Stream = 's';

        /// <summary>Deleted first: whatever is there goes, and no type is wrong.</summary>
        public const char Any = 'a';

        /// <summary>Only expired so far.</summary>
        public const char Unchecked = 'u';

        /// <summary>Was found to be of a wrong type; no write to it.</summary>
        public const char Skipped = '-';
    }
}
