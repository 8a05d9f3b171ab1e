using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Consume;

public class PartitionConsumerTests(SharedRedis shared)
{
    [Fact]
    public async Task Events_are_applied_in_order_with_the_checkpoint_and_acknowledged()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.ReadBatchMax = 7);
        int[] numbers = [.. Enumerable.Range(1, 100)];
        await log.AppendAsync(0, "c1", 1, numbers[..50]);
        await using var replica = await RunningReplica.StartAsync(log);
        var last = await log.AppendAsync(0, "c1", 2, numbers[50..]);

        await AppliedAsync(replica, numbers);

        Assert.Equal(last.ToString(), await log.Database.StringGetAsync(log.Keys.Checkpoint(0, "g")));
        Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
        var status = await log.Status.ReadAsync(0, "g", default);
        Assert.Equal((100, last, last, 0L, 0.0, replica.Owners.Replica), (status.Entries, status.LastId, status.Checkpoint, status.LagEntries, status.LagSeconds, status.Owner));
    }

    /// <summary>Polls are for hints that got lost: where they come, each is one read.</summary>
    [Fact]
    public async Task While_hints_come_nothing_is_read_between_them()
    {
        const int Events = 20;
        await using var server = await RedisServer.StartAsync();
        var log = await Log.CreateAsync(server, options => { options.PollMin = TimeSpan.FromMilliseconds(10); options.PollMax = TimeSpan.FromSeconds(30); });
        await using var replica = await RunningReplica.StartAsync(log);
        await Wait.Until(async () => await log.Connection.GetServers().Single().SubscriptionSubscriberCountAsync(RedisChannel.Literal(log.Keys.Wake(0))) == 1, "the replica follows the hints");
        await log.AppendAsync(0, "c1", 1, 1);
        await AppliedAsync(replica, [1]);

        var before = (await log.Connection.CallsAsync())["xreadgroup"];
        for (var number = 2; number <= 1 + Events; number++)
        {
            await log.AppendAsync(0, "c1", number, number);
            await AppliedAsync(replica, [.. Enumerable.Range(1, number)]);
            await Task.Delay(4 * log.Settings.PollMin);
        }

        // A poll may find an event just before its hint; then some polls follow, until the next one.
        Assert.InRange((await log.Connection.CallsAsync())["xreadgroup"] - before, Events, Events + Events / 2);
    }

    [Fact]
    public async Task What_a_crashed_owner_left_pending_is_applied_before_new_events()
    {
        var log = await Log.CreateAsync(shared.Server, options => { options.ReadBatchMax = 2; options.LeaseTtl = TimeSpan.FromSeconds(1); });
        var crashed = await RunningReplica.StartAsync(log, change: factory => factory.BeforeApply = (_, entries) => Numbers.Of(entries[0]) < 3 ? Task.CompletedTask : Task.Delay(-1));
        await Wait.Until(() => !crashed.Factory.Created.IsEmpty, "the group is there");
        await log.AppendAsync(0, "c1", 1, 1, 2, 3, 4, 5, 6);
        await Wait.Until(async () => (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount == 2, "3 and 4 are read and not applied");
        await crashed.CrashAsync();

        await using var next = await RunningReplica.StartAsync(log);

        await AppliedAsync(next, [1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task Pending_entries_that_are_applied_already_are_only_acknowledged()
    {
        var log = await Log.CreateAsync(shared.Server);
        await using (var first = await RunningReplica.StartAsync(log))
        {
            await log.AppendAsync(0, "c1", 1, 1, 2, 3);
            await AppliedAsync(first, [1, 2, 3]);
            await first.StopAsync();
        }

        // As if XACK had not happened: the group gives everything out again, to the slot.
        await log.Database.ExecuteAsync("XGROUP", "SETID", log.Keys.Events(0), "g", "0");
        await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", StreamKeys.Slot(0), ">");
        await using var second = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 2, 4);

        await AppliedAsync(second, [1, 2, 3, 4]);
        Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
        Assert.Equal(3, await second.Log.MetricAsync("wgmonitor_stream_skipped_events_total"));
    }

    [Fact]
    public async Task Entries_trimmed_while_pending_are_counted_acknowledged_and_passed_over()
    {
        var log = await Log.CreateAsync(shared.Server);
        await log.AppendAsync(0, "c1", 1, 1, 2, 3);
        await log.Database.StreamCreateConsumerGroupAsync(log.Keys.Events(0), "g", "0");
        var read = await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", StreamKeys.Slot(0), ">");
        await log.Database.StreamDeleteAsync(log.Keys.Events(0), [read[0].Id, read[1].Id]);

        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 2, 4);

        await AppliedAsync(replica, [3, 4]);
        Assert.Equal(2, await replica.Log.MetricAsync("wgmonitor_stream_lost_by_retention_events_total"));
        Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
    }

    [Fact]
    public async Task Entries_that_somebody_else_took_or_whose_consumer_was_deleted_are_delivered_again()
    {
        var log = await Log.CreateAsync(shared.Server);
        await log.AppendAsync(0, "c1", 1, 1, 2, 3, 4);
        await log.Database.StreamCreateConsumerGroupAsync(log.Keys.Events(0), "g", "0");
        await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", StreamKeys.Slot(0), ">", 2);
        await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", "curious", ">", 1);
        await log.Database.StreamDeleteConsumerAsync(log.Keys.Events(0), "g", StreamKeys.Slot(0));

        await using var replica = await RunningReplica.StartAsync(log);

        await AppliedAsync(replica, [1, 2, 3, 4]);
    }

    [Fact]
    public async Task Entries_that_a_former_owner_reads_while_we_consume_are_not_passed_over()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.ReadBatchMax = 1);
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = async (_, entries) =>
        {
            // Reads know no fence: what a zombie reads is not given to us any more.
            if (Numbers.Of(entries[0]) == 1) await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", StreamKeys.Slot(0), ">", 2);
        });
        await log.AppendAsync(0, "c1", 1, 1, 2, 3, 4, 5);

        await AppliedAsync(replica, [1, 2, 3, 4, 5]);
        Assert.Equal(1, await replica.Log.MetricAsync("wgmonitor_stream_commits_total", "outcome=\"entries_skipped\""));
    }

    [Fact]
    public async Task A_handler_that_throws_is_made_anew_from_stored_state()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.ReadBatchMax = 1);
        var failures = 0;
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = (_, entries) =>
            Numbers.Of(entries[0]) == 2 && ++failures <= 3 ? throw new InvalidDataException("poison") : Task.CompletedTask);
        await log.AppendAsync(0, "c1", 1, 1, 2, 3);

        await AppliedAsync(replica, [1, 2, 3]);

        Assert.Equal(4, replica.Factory.Created.Count);
        Assert.Equal(3, await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"handler\""));
        Assert.Equal(1, replica.Log.Logger.Count(5011));
    }

    [Fact]
    public async Task F30_an_entry_on_which_the_handler_always_throws_is_tried_five_times_alone_and_parked_while_all_others_are_applied_in_order()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.ReadBatchMax = 10);
        var alone = 0;
        await log.AppendAsync(0, "c1", 1, 1, 2, 3, 4, 5, 6);
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = (_, entries) =>
        {
            if (!entries.Any(entry => Numbers.Of(entry) == 4)) return Task.CompletedTask;
            if (entries.Count == 1) alone++;
            throw new InvalidDataException("poison");
        });

        await AppliedAsync(replica, [1, 2, 3, 5, 6]);
        await log.AppendAsync(0, "c1", 2, 7, 8, 9);
        await AppliedAsync(replica, [1, 2, 3, 5, 6, 7, 8, 9]);

        Assert.Equal(4, Assert.Single(replica.Factory.Parked));
        Assert.Equal(5, alone);
        // Once in its batch, then alone; each time with a new handler, after a pause.
        Assert.Equal(6, await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"handler\""));
        Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
    }

    [Fact]
    public async Task A_key_of_a_wrong_type_is_parked_and_the_rest_is_written()
    {
        var log = await Log.CreateAsync(shared.Server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.Database.ListLeftPushAsync(replica.Factory.Outbox(0), "foreign");
        await log.AppendAsync(0, "c1", 1, 1, 2);

        await Wait.Until(async () => await replica.Factory.StoredAsync(0) == NumberHandlerFactory.Fold([1, 2]), "the state is written");

        Assert.Equal(replica.Factory.Outbox(0), Assert.Single(replica.Factory.WrongKeys));
        Assert.Equal("foreign", await log.Database.ListGetByIndexAsync(replica.Factory.Outbox(0), 0));
        Assert.Equal(0, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
    }

    [Fact]
    public async Task A_checkpoint_moved_by_somebody_else_makes_the_consumer_start_over_from_it()
    {
        var log = await Log.CreateAsync(shared.Server);
        await using var replica = await RunningReplica.StartAsync(log);
        var first = await log.AppendAsync(0, "c1", 1, 1);
        await AppliedAsync(replica, [1]);
        await log.AppendAsync(0, "c1", 2, 2);
        await AppliedAsync(replica, [1, 2]);

        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "g"), first.ToString());
        await log.AppendAsync(0, "c1", 3, 3);

        // From the checkpoint on: 2 again, and 3.
        await AppliedAsync(replica, [1, 2, 2, 3]);
        Assert.Equal(1, await replica.Log.MetricAsync("wgmonitor_stream_history_rewound_total"));
    }

    [Fact]
    public async Task A_group_that_was_destroyed_is_created_at_the_checkpoint()
    {
        var log = await Log.CreateAsync(shared.Server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 1, 1, 2);
        await AppliedAsync(replica, [1, 2]);

        await log.Database.StreamDeleteConsumerGroupAsync(log.Keys.Events(0), "g");
        await log.AppendAsync(0, "c1", 2, 3);

        await AppliedAsync(replica, [1, 2, 3]);
        Assert.Equal(2, await replica.Log.MetricAsync("wgmonitor_stream_groups_created_total"));
        Assert.Equal(0, await replica.Log.MetricAsync("wgmonitor_stream_skipped_events_total"));
        Assert.Equal(1, await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"nogroup\""));
    }

    [Fact]
    public async Task A_deleted_stream_goes_on_behind_the_checkpoint_even_if_the_clock_stands_before_it()
    {
        var log = await Log.CreateAsync(shared.Server);
        // The server's clock was ahead once: IDs are in the future, and so is the checkpoint.
        var future = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds();
        await log.Database.StreamAddAsync(log.Keys.Events(0), "n", "1", $"{future}-0");
        await using var replica = await RunningReplica.StartAsync(log);
        await AppliedAsync(replica, [1]);

        await log.Database.KeyDeleteAsync(log.Keys.Events(0));
        await Wait.Until(() => log.Database.KeyExistsAsync(log.Keys.Events(0)), "the group is there again");
        await log.AppendAsync(0, "c1", 1, 2);

        await AppliedAsync(replica, [1, 2]);
        Assert.Equal(1, await replica.Log.MetricAsync("wgmonitor_stream_history_rewound_total"));
    }

    internal static async Task AppliedAsync(RunningReplica replica, int[] numbers, TimeSpan? limit = null)
    {
        var fold = NumberHandlerFactory.Fold(numbers);
        try
        {
            await Wait.Until(StoredAsync, "the numbers are applied", limit ?? TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Outbox: {string.Join(' ', await Numbers.InAsync(replica.Log.Database, replica.Factory.Outbox(0)))}\n{string.Join('\n', replica.Log.Logger.Lines)}");
        }

        Assert.Equal(numbers, await Numbers.InAsync(replica.Log.Database, replica.Factory.Outbox(0)));

        // The connection that asks here is among those that tests break.
        async Task<bool> StoredAsync()
        {
            try
            {
                return await replica.Factory.StoredAsync(0) == fold;
            }
            catch (RedisConnectionException)
            {
                return false;
            }
        }
    }
}
