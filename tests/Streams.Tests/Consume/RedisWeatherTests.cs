using WgMonitor.Testing;
using Xunit;
using static WgMonitor.Streams.Tests.Consume.PartitionConsumerTests;

namespace WgMonitor.Streams.Tests.Consume;

/// <summary>What a consumer does when Redis refuses, forgets or goes away. Each test has a server of its own.</summary>
public class RedisWeatherTests
{
    [Fact]
    public async Task After_flushall_the_consumer_starts_from_nothing_and_goes_on()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 1, 1, 2);
        await AppliedAsync(replica, [1, 2]);

        await log.Connection.GetServers()[0].FlushAllDatabasesAsync();
        await log.AppendAsync(0, "c1", 2, 3);

        await AppliedAsync(replica, [3]);
        Assert.True(await replica.Log.MetricAsync("wgmonitor_stream_history_rewound_total") >= 1);
        Assert.True((await log.Status.ReadAsync(0, "g", default)).Epoch >= 2);
        Assert.InRange(replica.Log.Logger.Lines.Count, 1, 20);
    }

    [Fact]
    public async Task Without_memory_nothing_is_read_or_acknowledged_until_there_is_some()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server, options => options.ReadBatchMax = 2);
        await log.AppendAsync(0, "c1", 1, 1, 2, 3, 4, 5, 6);
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = async (_, entries) =>
        {
            if (Numbers.Of(entries[0]) == 3) await log.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        });

        await Wait.Until(async () => await replica.Log.MetricAsync("wgmonitor_stream_commits_total", "outcome=\"retry\"") >= 3, "commits are refused");
        Assert.Equal(2, (await log.Database.StreamPendingAsync(log.Keys.Events(0), "g")).PendingMessageCount);
        Assert.Equal((int[])[1, 2], await Numbers.InAsync(log.Database, replica.Factory.Outbox(0)));
        await log.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        await AppliedAsync(replica, [1, 2, 3, 4, 5, 6]);
        Assert.Single(replica.Factory.Created);
        Assert.True(await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"oom\"") >= 3);
        Assert.Equal(1, replica.Log.Logger.Lines.Count(line => line.Text.Contains("oom (commit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task On_a_replica_the_consumer_waits_for_a_master()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 1, 1);
        await AppliedAsync(replica, [1]);

        await log.Connection.GetServers()[0].ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await Wait.Until(
            async () => await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"readonly\"")
                + await replica.Log.MetricAsync("wgmonitor_stream_failures_total", "reason=\"connection\"") >= 3,
            "the consumer is refused");
        await log.Connection.GetServers()[0].ExecuteAsync("REPLICAOF", "NO", "ONE");
        await Wait.Until(async () => await log.Appender.AppendAsync(0, "c1", 2, Numbers.Batch([2]), default) is AppendOutcome.Appended, "the client sees the master");

        await AppliedAsync(replica, [1, 2]);
        Assert.InRange(replica.Log.Logger.Lines.Count, 1, 20);
    }

    [Fact]
    public async Task A_restarted_server_and_forgotten_scripts_and_killed_connections_lose_nothing()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 1, 1);
        await AppliedAsync(replica, [1]);

        await log.Database.ExecuteAsync("SCRIPT", "FLUSH");
        await log.AppendAsync(0, "c1", 2, 2);
        await AppliedAsync(replica, [1, 2]);

        await log.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await AppendUntilTakenAsync(log, 3);
        await AppliedAsync(replica, [1, 2, 3]);

        await server.RestartAsync();
        await AppendUntilTakenAsync(log, 4);
        await AppliedAsync(replica, [1, 2, 3, 4]);
    }

    [Fact]
    public async Task A_server_that_comes_back_with_an_older_state_is_believed()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server);
        await using var replica = await RunningReplica.StartAsync(log);
        await log.AppendAsync(0, "c1", 1, 1, 2);
        await AppliedAsync(replica, [1, 2]);
        var keys = log.Connection.GetServers()[0].Keys(pattern: $"{log.Keys.Prefix}:{{p0}}:*").ToArray();
        var dumps = await Task.WhenAll(keys.Select(key => log.Database.KeyDumpAsync(key)));
        await log.AppendAsync(0, "c1", 2, 3, 4);
        await AppliedAsync(replica, [1, 2, 3, 4]);

        // As a fail-over to a server that had not seen 3 and 4: log, state, checkpoint, lease and producer mark go back together, and connections break.
        var failover = log.Database.CreateTransaction();
        foreach (var (key, dump) in keys.Zip(dumps)) _ = failover.ExecuteAsync("RESTORE", key, 0, dump!, "REPLACE");
        await failover.ExecuteAsync();
        await log.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await Wait.Until(async () => await replica.Log.MetricAsync("wgmonitor_stream_history_rewound_total") >= 1, "the loss is noticed without a new event");
        await AppendUntilTakenAsync(log, 5);

        await AppliedAsync(replica, [1, 2, 5]);
    }

    [Fact]
    public async Task A_frozen_server_delays_and_loses_nothing()
    {
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server, configure: configuration => configuration.AsyncTimeout = 300);
        await using var replica = await RunningReplica.StartAsync(log, change: factory => factory.AfterApply = (_, entries) =>
        {
            if (Numbers.Of(entries[0]) == 2) server.Pause();
            return Task.CompletedTask;
        });
        await log.AppendAsync(0, "c1", 1, 1);
        await AppliedAsync(replica, [1]);
        await log.AppendAsync(0, "c1", 2, 2);

        // Its commit is on the way and not answered, longer than its lease lasts.
        await Wait.Until(() => replica.Owners.Owned.Count == 0, "the replica gives the partition up");
        server.Resume();

        await AppendUntilTakenAsync(log, 3);
        await AppliedAsync(replica, [1, 2, 3]);
    }

    private static Task AppendUntilTakenAsync(Log log, int number) => Wait.Until(
        async () => await log.Appender.AppendAsync(0, "c1", number, Numbers.Batch([number]), default) is AppendOutcome.Appended or AppendOutcome.AlreadyAppended,
        "Redis takes the batch");
}
