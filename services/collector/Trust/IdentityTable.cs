namespace WgMonitor.Collector.Trust;

/// <summary>
/// Identities heard of lately, at most as many as it was made for, each with the number of those that belong to it. What was not heard of for a while is
/// forgotten in passing, a few slots at each addition, so that no line pays for a sweep of everything.
/// </summary>
/// <remarks>Not thread-safe. Grows as it fills; an identity that is known costs a lookup and no allocation.</remarks>
internal sealed class IdentityTable(int capacity)
{
    // So many slots are looked at for one addition: stale ones go faster than new ones come.
    private const int SweptAtOnce = 8;

    private const int NoParent = -1;

    private readonly Dictionary<ulong, int> slots = [];
    private readonly Stack<int> free = new();
    private readonly List<Identity> identities = [];
    private int hand;

    /// <summary>Identities known.</summary>
    public int Count => slots.Count;

    /// <summary>No further one fits.</summary>
    public bool IsFull => slots.Count >= capacity;

    /// <summary>The slot of an identity, -1 for an unknown one.</summary>
    public int Find(ulong key) => slots.TryGetValue(key, out var slot) ? slot : -1;

    /// <summary>Where it belongs: the slot it was added with.</summary>
    public int ParentOf(int slot) => identities[slot].Parent;

    /// <summary>How many belong to it.</summary>
    public int ChildrenOf(int slot) => identities[slot].Children;

    /// <summary>It was heard of again.</summary>
    public void Touch(int slot, long nowMicroseconds) => identities[slot] = identities[slot] with { HeardAt = nowMicroseconds };

    /// <summary>Adds an identity that is not known, for which there is room.</summary>
    public int Add(ulong key, long nowMicroseconds, IdentityTable? parents = null, int parent = NoParent)
    {
        var identity = new Identity(key, parent, 0, nowMicroseconds);
        if (!free.TryPop(out var slot))
        {
            slot = identities.Count;
            identities.Add(identity);
        }
        identities[slot] = identity;
        slots.Add(key, slot);
        parents?.CountChild(parent, 1);
        return slot;
    }

    /// <summary>Forgets one identity; those that belong to it must be gone before.</summary>
    public void Remove(int slot, IdentityTable? parents = null)
    {
        slots.Remove(identities[slot].Key);
        parents?.CountChild(identities[slot].Parent, -1);
        identities[slot] = default;
        free.Push(slot);
    }

    /// <summary>Forgets, among the next few, what was not heard of since <paramref name="staleMicroseconds"/> and has nothing that belongs to it.</summary>
    public void Sweep(long staleMicroseconds, IdentityTable? parents = null)
    {
        for (var n = Math.Min(SweptAtOnce, identities.Count); n > 0; n--)
        {
            hand = (hand + 1) % identities.Count;
            var identity = identities[hand];
            if (identity.IsUsed && identity.Children == 0 && identity.HeardAt < staleMicroseconds) Remove(hand, parents);
        }
    }

    private void CountChild(int slot, int change) => identities[slot] = identities[slot] with { Children = identities[slot].Children + change };

    private readonly record struct Identity(ulong Key, int Parent, int Children, long HeardAt)
    {
        // The hash of an identity is never 0 but by chance; then it is never swept.
        public bool IsUsed => Key != 0;
    }
}
