using System.Diagnostics.CodeAnalysis;

namespace WgMonitor.Streams;

/// <summary>A few answers that were dear to get: those that were used last. Threads may share it.</summary>
/// <param name="max">How many are held; few, each is looked at in turn.</param>
public sealed class RecentlyUsed<TKey, TValue>(int max)
    where TKey : IEquatable<TKey>
    where TValue : class
{
    private readonly Lock gate = new();
    private readonly LinkedList<(TKey Key, TValue Value)> held = [];

    /// <summary>What is held under a key, and is used now.</summary>
    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        lock (gate)
        {
            var node = Remove(key);
            if (node is not null) held.AddFirst(node);
            value = node?.Value.Value;
            return value is not null;
        }
    }

    /// <summary>Holds a value, instead of one that is held under its key, or of the one that was not used for longest.</summary>
    public void Hold(TKey key, TValue value)
    {
        lock (gate)
        {
            Remove(key);
            held.AddFirst((key, value));
            if (held.Count > max) held.RemoveLast();
        }
    }

    private LinkedListNode<(TKey Key, TValue Value)>? Remove(TKey key)
    {
        for (var node = held.First; node is not null; node = node.Next)
        {
            if (!node.Value.Key.Equals(key)) continue;
            held.Remove(node);
            return node;
        }
        return null;
    }
}
