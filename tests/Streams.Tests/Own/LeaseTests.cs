using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Own;

public class LeaseTests(SharedRedis shared)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task One_owner_at_a_time_and_every_grant_has_a_higher_epoch()
    {
        var log = await Log.CreateAsync(shared.Server);
        var first = new Lease(log.Connection, log.Keys, "g", "a");
        var second = new Lease(log.Connection, log.Keys, "g", "b");

        var grant = await first.AcquireAsync(0, Long, 0);
        Assert.Equal(new LeaseGrant("a", 1), grant);
        Assert.Null(await second.AcquireAsync(0, Long, 0));
        Assert.True(await first.RenewAsync(0, grant!.Value, Long));
        Assert.True(await first.ReleaseAsync(0, grant.Value));
        Assert.Equal(new LeaseGrant("b", 2), await second.AcquireAsync(0, Long, 0));
        Assert.Null(await first.AcquireAsync(0, Long, 1));
        Assert.False(await first.RenewAsync(0, grant.Value, Long));
        Assert.False(await first.ReleaseAsync(0, grant.Value));
    }

    [Fact]
    public async Task An_expired_lease_is_free_and_its_owner_cannot_renew_it_once_it_is_taken()
    {
        var log = await Log.CreateAsync(shared.Server);
        var first = new Lease(log.Connection, log.Keys, "g", "a");
        var second = new Lease(log.Connection, log.Keys, "g", "b");
        var old = await first.AcquireAsync(0, TimeSpan.FromMilliseconds(50), 0);

        LeaseGrant? taken = null;
        await Wait.Until(async () => (taken = await second.AcquireAsync(0, Long, 0)) is not null, "the lease runs out");

        Assert.Equal(new LeaseGrant("b", 2), taken);
        Assert.False(await first.RenewAsync(0, old!.Value, Long));
    }

    [Fact]
    public async Task The_same_owner_gets_a_new_epoch_that_fences_the_old_one()
    {
        var log = await Log.CreateAsync(shared.Server);
        var lease = new Lease(log.Connection, log.Keys, "g", "a");
        var old = await lease.AcquireAsync(0, Long, 0);

        Assert.Equal(new LeaseGrant("a", 2), await lease.AcquireAsync(0, Long, 1));
        Assert.False(await lease.RenewAsync(0, old!.Value, Long));
    }

    [Fact]
    public async Task Epochs_grow_even_when_redis_forgot_the_lease()
    {
        var log = await Log.CreateAsync(shared.Server);
        var lease = new Lease(log.Connection, log.Keys, "g", "a");
        await lease.AcquireAsync(0, Long, 0);
        await log.Database.KeyDeleteAsync(log.Keys.Lease(0, "g"));

        Assert.Equal(new LeaseGrant("a", 42), await lease.AcquireAsync(0, Long, 41));
    }

    [Fact]
    public async Task A_lease_from_the_future_lasts_one_time_to_live_at_most()
    {
        var log = await Log.CreateAsync(shared.Server);
        var crashed = new Lease(log.Connection, log.Keys, "g", "a");
        var next = new Lease(log.Connection, log.Keys, "g", "b");
        await crashed.AcquireAsync(0, TimeSpan.FromMilliseconds(100), 0);
        // As after the server's clock was a day ahead for a moment.
        var inADay = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds();
        await log.Database.HashSetAsync(log.Keys.Lease(0, "g"), "expires", inADay);

        await Wait.Until(async () => await next.AcquireAsync(0, Long, 0) is not null, "the lease runs out by the new clock", TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 3)]
    [InlineData(8, 5)]
    [InlineData(8, 12)]
    [InlineData(1, 2)]
    [InlineData(256, 7)]
    public void Shares_differ_by_one_at_most_and_add_up(int partitions, int replicas)
    {
        string[] members = [.. Enumerable.Range(0, replicas).Select(number => $"replica-{number}")];

        int[] shares = [.. members.Select(self => FairShare.Of(partitions, members.Where(member => member != self), self).Share)];

        Assert.Equal(partitions, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }
}
