using System.Diagnostics;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Own;

public class PartitionOwnersTests(SharedRedis shared)
{
    [Fact]
    public async Task Two_replicas_share_the_partitions_and_hand_over()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.Partitions = 8);
        await using var first = await RunningReplica.StartAsync(log);
        await Wait.Until(() => first.Owners.Owned.Count == 8, "one replica owns all");
        for (var partition = 0; partition < 8; partition++) await log.AppendAsync(partition, "c1", 1, partition);

        await using var second = await RunningReplica.StartAsync(log);
        await Wait.Until(() => first.Owners.Owned.Count == 4 && second.Owners.Owned.Count == 4, "both own half");
        for (var partition = 0; partition < 8; partition++) await log.AppendAsync(partition, "c1", 2, 100 + partition);
        await Wait.Until(async () => await AppliedAsync(log, first) == 16, "all events are applied");
        await first.StopAsync();
        await Wait.Until(() => second.Owners.Owned.Count == 8, "the one that is left owns all");
        for (var partition = 0; partition < 8; partition++) await log.AppendAsync(partition, "c1", 3, 200 + partition);
        await Wait.Until(async () => await AppliedAsync(log, second) == 24, "all events are applied");

        Assert.Empty(first.Owners.Owned);
        for (var partition = 0; partition < 8; partition++)
        {
            int[] expected = [partition, 100 + partition, 200 + partition];
            Assert.Equal(expected, await Numbers.InAsync(log.Database, second.Factory.Outbox(partition)));
            Assert.Equal(NumberHandlerFactory.Fold(expected), await second.Factory.StoredAsync(partition));
        }
    }

    [Fact]
    public async Task Stopping_gives_everything_back_at_once_with_nothing_pending()
    {
        var log = await Log.CreateAsync(shared.Server, options => { options.Partitions = 4; options.LeaseTtl = TimeSpan.FromMinutes(1); });
        await using var replica = await RunningReplica.StartAsync(log);
        await Wait.Until(() => replica.Owners.Owned.Count == 4, "the replica owns all");
        for (var partition = 0; partition < 4; partition++) await log.AppendAsync(partition, "c1", 1, Enumerable.Range(0, 2000));

        var start = Stopwatch.GetTimestamp();
        await replica.StopAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, log.Settings.HandOverMax);
        Assert.Equal(0, await log.Database.SortedSetLengthAsync(log.Keys.Members("g")));
        for (var partition = 0; partition < 4; partition++)
        {
            Assert.Null((await log.Status.ReadAsync(partition, "g", default)).Owner);
            Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(partition), "g")).PendingMessageCount);
        }
    }

    [Fact]
    public async Task The_partitions_of_a_crashed_replica_are_taken_over_after_the_time_to_live()
    {
        var log = await Log.CreateAsync(shared.Server, options => { options.Partitions = 2; options.LeaseTtl = TimeSpan.FromSeconds(1); });
        await using var first = await RunningReplica.StartAsync(log);
        await Wait.Until(() => first.Owners.Owned.Count == 2, "the first owns all");
        await first.CrashAsync();

        await using var second = await RunningReplica.StartAsync(log);
        await Wait.Until(() => second.Owners.Owned.Count == 2, "the second owns all", TimeSpan.FromSeconds(15));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 2).Select(partition => log.Status.ReadAsync(partition, "g", default))), status =>
        {
            Assert.Equal(second.Owners.Replica, status.Owner);
            Assert.True(status.Epoch >= 2);
        });
    }

    [Fact]
    public async Task A_replica_whose_lease_is_taken_steps_down_and_what_it_had_in_hand_is_not_written()
    {
        var log = await Log.CreateAsync(shared.Server);
        var applying = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var zombie = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = (_, _) =>
        {
            applying.TrySetResult();
            return goOn.Task;
        });
        await log.AppendAsync(0, "c1", 1, 1, 2, 3);
        await applying.Task;
        // Another owner, while the zombie holds a folded batch.
        var thief = new Lease(log.Connection, log.Keys, "g", "thief");
        await log.Database.HashSetAsync(log.Keys.Lease(0, "g"), "expires", 0);
        Assert.NotNull(await thief.AcquireAsync(0, TimeSpan.FromMinutes(1), 0));

        goOn.SetResult();
        await Wait.Until(() => zombie.Owners.Owned.Count == 0, "the zombie steps down");

        Assert.False(await log.Database.KeyExistsAsync(zombie.Factory.State(0)));
        Assert.False(await log.Database.KeyExistsAsync(zombie.Factory.Outbox(0)));
        Assert.False(await log.Database.KeyExistsAsync(log.Keys.Checkpoint(0, "g")));
        Assert.Equal(3, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
    }

    [Fact]
    public async Task A_handler_that_does_not_stop_is_fenced_off()
    {
        var log = await Log.CreateAsync(shared.Server, options => { options.HandOverMax = TimeSpan.FromMilliseconds(300); options.LeaseTtl = TimeSpan.FromMinutes(1); });
        var applying = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        await using var stuck = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = (_, _) =>
        {
            applying.TrySetResult();
            return never.Task;
        });
        await log.AppendAsync(0, "c1", 1, 1);
        await applying.Task;

        await stuck.StopAsync();
        await using var next = await RunningReplica.StartAsync(log);
        await Wait.Until(async () => await AppliedAsync(log, next) == 1, "the next owner applies the event");
        never.SetResult();
        await log.AppendAsync(0, "c1", 2, 2);
        await Wait.Until(async () => await AppliedAsync(log, next) == 2, "the next owner goes on");

        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, next.Factory.Outbox(0)));
        Assert.Equal(1, stuck.Log.Logger.Count(5003));
    }

    [Fact]
    public async Task Consumers_are_named_after_slots_and_do_not_leak()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.Partitions = 2);
        for (var start = 0; start < 5; start++)
        {
            await using var replica = await RunningReplica.StartAsync(log);
            await log.AppendAsync(0, "c1", start + 1, start);
            await Wait.Until(async () => await AppliedAsync(log, replica) == start + 1, "the event is applied");
            await replica.StopAsync();
        }

        var consumers = await log.Database.StreamConsumerInfoAsync(log.Keys.Events(0), "g");
        Assert.Equal("p00", Assert.Single(consumers).Name);
    }

    private static async Task<long> AppliedAsync(Log log, RunningReplica replica)
    {
        long sum = 0;
        for (var partition = 0; partition < log.Settings.Partitions; partition++) sum += (await replica.Factory.StoredAsync(partition)).Count;
        return sum;
    }
}
