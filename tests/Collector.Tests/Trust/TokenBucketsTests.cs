using WgMonitor.Collector.Trust;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests.Trust;

public class TokenBucketsTests
{
    private const long Second = 1_000_000;

    private static int Taken(TokenBuckets buckets, ulong sender, long at, int wanted) => Enumerable.Range(0, wanted).Count(_ => buckets.TryTake(sender, at));

    [Fact]
    public void A_sender_may_take_the_burst_and_then_the_rate()
    {
        var buckets = new TokenBuckets(16, tokensPerSecond: 10, burst: 50);

        Assert.Equal(50, Taken(buckets, 1, 0, 100));
        Assert.Equal(10, Taken(buckets, 1, Second, 100));
        Assert.Equal(5, Taken(buckets, 1, Second * 3 / 2, 100));
        Assert.Equal(50, Taken(buckets, 1, 100 * Second, 100));
    }

    [Fact]
    public void Senders_do_not_share()
    {
        var buckets = new TokenBuckets(16, 10, 50);
        Taken(buckets, 1, 0, 100);

        Assert.Equal(50, Taken(buckets, 2, 0, 100));
    }

    [Fact]
    public void A_clock_that_steps_back_neither_fills_nor_freezes_a_bucket()
    {
        var buckets = new TokenBuckets(16, 10, 50);
        Taken(buckets, 1, 1000 * Second, 100);

        Assert.Equal(0, Taken(buckets, 1, 0, 100));
        Assert.Equal(10, Taken(buckets, 1, Second, 100));
    }

    [Fact]
    public void A_token_given_back_can_be_taken_again()
    {
        var buckets = new TokenBuckets(16, 10, 50);
        Taken(buckets, 1, 0, 100);

        buckets.GiveBack(1);

        Assert.Equal(1, Taken(buckets, 1, 0, 100));
    }

    [Fact]
    public void H44_a_million_forged_sources_leave_a_table_of_its_size_and_known_senders_in_it()
    {
        var hash = new IdentityHash();
        var buckets = new TokenBuckets(4096, 10, 50);
        var honest = hash.Of(InternetAddress.FromV4(0xc6336407));
        Taken(buckets, honest, 0, 50);
        var refused = Sweep(buckets, hash, honest, 0, 100_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        refused += Sweep(buckets, hash, honest, 100_000, 1_000_000);

        Allocated.NothingALine(GC.GetAllocatedBytesForCurrentThread() - before, 900_000);
        Assert.Equal(4096, buckets.Count);
        // Its bucket was empty and stayed the same one all the time.
        Assert.Equal(1000, refused);
    }

    private static int Sweep(TokenBuckets buckets, IdentityHash hash, ulong honest, uint from, uint to)
    {
        var refused = 0;
        for (var n = from; n < to; n++)
        {
            buckets.TryTake(hash.Of(InternetAddress.FromV4(0x0a000000 + n)), 0);
            // One line between a thousand of others: often enough not to be taken for gone.
            if (n % 1000 == 0 && !buckets.TryTake(honest, 0)) refused++;
        }
        return refused;
    }

    [Fact]
    public void An_ipv6_sender_is_its_64_and_an_ipv4_sender_its_address()
    {
        var hash = new IdentityHash();
        static InternetAddress V6(ulong high, ulong low) => InternetAddress.FromV6(new UInt128(high, low));

        Assert.Equal(hash.Of(V6(0x20010db800000001, 1)), hash.Of(V6(0x20010db800000001, ulong.MaxValue)));
        Assert.NotEqual(hash.Of(V6(0x20010db800000001, 1)), hash.Of(V6(0x20010db800000002, 1)));
        Assert.NotEqual(hash.Of(InternetAddress.FromV4(1)), hash.Of(InternetAddress.FromV4(2)));
        Assert.NotEqual(hash.Of(InternetAddress.FromV4(1)), hash.Of(V6(0, 1)));
    }
}
