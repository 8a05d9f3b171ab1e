namespace WgMonitor.Collector.Trust;

/// <summary>
/// A bucket of tokens for each sender: it fills at a steady rate up to the burst, and every line takes one. All memory is reserved at the start; where
/// there are more senders than buckets, one that was not used lately is given away (CLOCK).
/// </summary>
/// <remarks>
/// A sender that comes back begins with a full bucket, so a forger who changes the address all the time is not held back by this: what he can do is
/// bounded by <see cref="KnownIdentities"/>. Pure: time is an argument. Not thread-safe. Allocates nothing after the constructor.
/// </remarks>
internal sealed class TokenBuckets
{
    private readonly double tokensPerMicrosecond;
    private readonly double burst;
    private readonly Dictionary<ulong, int> slots;
    private readonly Bucket[] buckets;
    private int used;
    private int hand;

    /// <param name="bucketsMax">1 or more.</param>
    /// <param name="tokensPerSecond">0 or more.</param>
    /// <param name="burst">Tokens of a full bucket, 1 or more.</param>
    public TokenBuckets(int bucketsMax, double tokensPerSecond, double burst)
    {
        tokensPerMicrosecond = tokensPerSecond / 1_000_000;
        this.burst = burst;
        buckets = new Bucket[bucketsMax];
        slots = new(bucketsMax);
    }

    /// <summary>Buckets in use; never more than there are.</summary>
    public int Count => used;

    /// <summary>Takes a token; false when the bucket is empty.</summary>
    /// <param name="sender">Who, by <see cref="IdentityHash"/>.</param>
    /// <param name="nowMicroseconds">Any clock in microseconds; a step back fills nothing and takes nothing away.</param>
    public bool TryTake(ulong sender, long nowMicroseconds)
    {
        ref var bucket = ref Find(sender, nowMicroseconds);
        if (nowMicroseconds > bucket.FilledAt) bucket.Tokens = Math.Min(burst, bucket.Tokens + (nowMicroseconds - bucket.FilledAt) * tokensPerMicrosecond);
        bucket.FilledAt = nowMicroseconds;
        if (bucket.Tokens < 1) return false;
        bucket.Tokens--;
        return true;
    }

    /// <summary>Puts back a token that was taken for nothing.</summary>
    public void GiveBack(ulong sender)
    {
        if (slots.TryGetValue(sender, out var slot)) buckets[slot].Tokens = Math.Min(burst, buckets[slot].Tokens + 1);
    }

    private ref Bucket Find(ulong sender, long nowMicroseconds)
    {
        if (slots.TryGetValue(sender, out var slot))
        {
            buckets[slot].UsedLately = true;
            return ref buckets[slot];
        }
        slot = used < buckets.Length ? used++ : GiveAway();
        slots.Add(sender, slot);
        // Not marked as used lately before its second line: a sweep of addresses drives out itself, not those who come again and again.
        buckets[slot] = new Bucket { Sender = sender, Tokens = burst, FilledAt = nowMicroseconds };
        return ref buckets[slot];
    }

    private int GiveAway()
    {
        while (buckets[hand].UsedLately)
        {
            buckets[hand].UsedLately = false;
            hand = (hand + 1) % buckets.Length;
        }
        var slot = hand;
        hand = (hand + 1) % buckets.Length;
        slots.Remove(buckets[slot].Sender);
        return slot;
    }

    private struct Bucket
    {
        public ulong Sender;
        public double Tokens;
        public long FilledAt;
        public bool UsedLately;
    }
}
