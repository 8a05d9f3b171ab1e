using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests.Consume;

/// <summary>
/// A log under load while its consumers are killed, frozen, doubled and thrown out of their connections at random. At the end every event must have been applied
/// once and in order, in every partition, and the stored fold must be that of a single reader.
/// </summary>
public class RandomKillTests
{
    private const int Partitions = 3;
    private const int EventsPerPartition = 4000;

    [Fact]
    public async Task No_event_is_lost_doubled_or_out_of_order_whatever_happens_to_the_consumers()
    {
        var random = new Random(Seed.Print());
        await using var server = await RedisServer.StartAsync(ownProcess: true);
        var log = await Log.CreateAsync(server, options =>
        {
            options.Partitions = Partitions;
            options.LeaseTtl = TimeSpan.FromSeconds(1);
            options.RebalanceInterval = TimeSpan.FromMilliseconds(50);
            options.ReadBatchMax = 40;
            options.HandOverMax = TimeSpan.FromSeconds(1);
        });
        var producing = Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => ProduceAsync(log, partition, random.Next())));
        var replicas = new List<RunningReplica>();
        var everyone = new List<RunningReplica>();
        var kills = 0;
        for (var step = 0; step < 60 || !producing.IsCompleted; step++)
        {
            if (replicas.Count == 0 || (replicas.Count < 3 && random.Next(3) == 0))
            {
                replicas.Add(await RunningReplica.StartAsync(log, change: factory => Disturb(factory, new Random(random.Next()))));
                everyone.Add(replicas[^1]);
            }

            await Task.Delay(random.Next(150));
            var victim = replicas[random.Next(replicas.Count)];
            switch (random.Next(9))
            {
                case 0 or 1 or 2:
                    await victim.CrashAsync();
                    replicas.Remove(victim);
                    kills++;
                    break;
                case 3:
                    await victim.StopAsync();
                    replicas.Remove(victim);
                    break;
                case 4:
                    await log.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    break;
                case 5:
                    await log.Database.ExecuteAsync("SCRIPT", "FLUSH");
                    break;
                case 6:
                case 7:
                    // Somebody else had the lease for a moment: its owner is a former one and does not know.
                    var lease = log.Keys.Lease(random.Next(Partitions), "g");
                    var theft = log.Database.CreateTransaction();
                    _ = theft.HashIncrementAsync(lease, "epoch");
                    _ = theft.HashSetAsync(lease, [new("owner", "thief"), new("expires", 0)]);
                    await theft.ExecuteAsync();
                    break;
                case 8:
                    // A read of a former owner comes late: what it gets, nobody else is given.
                    var events = log.Keys.Events(random.Next(Partitions));
                    if (await log.Database.KeyExistsAsync(events) && (await log.Database.StreamGroupInfoAsync(events)).Length > 0)
                        await log.Database.StreamReadGroupAsync(events, "g", StreamKeys.Slot(random.Next(Partitions)), ">", random.Next(1, 10));
                    break;
            }
        }

        await producing;
        await using var last = await RunningReplica.StartAsync(log);
        var fold = NumberHandlerFactory.Fold(Enumerable.Range(0, EventsPerPartition));
        for (var partition = 0; partition < Partitions; partition++)
        {
            var current = partition;
            try
            {
                await Wait.Until(async () => (await last.Factory.StoredAsync(current)).Count >= EventsPerPartition, "all events are applied", TimeSpan.FromMinutes(1));
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{await log.Status.ReadAsync(current, "g", default)}, last replica {last.Owners.Replica}\n{string.Join('\n', last.Log.Logger.Lines)}");
            }

            Assert.Equal(Enumerable.Range(0, EventsPerPartition), await Numbers.InAsync(log.Database, last.Factory.Outbox(partition)));
            Assert.Equal(fold, await last.Factory.StoredAsync(partition));
        }

        Console.WriteLine($"{kills} kills, {await FencedAsync(everyone, "lease_lost")} commits refused to former owners, {await FencedAsync(everyone, "checkpoint_moved")} to moved checkpoints, {await FencedAsync(everyone, "entries_skipped")} that would have skipped entries");
        foreach (var replica in everyone) await replica.DisposeAsync();
    }

    private static async Task<double> FencedAsync(IEnumerable<RunningReplica> replicas, string outcome)
    {
        double sum = 0;
        foreach (var replica in replicas) sum += await replica.Log.MetricAsync("wgmonitor_stream_commits_total", $"outcome=\"{outcome}\"");
        return sum;
    }

    /// <summary>Sends every batch until it is taken, and some of them again.</summary>
    private static async Task ProduceAsync(Log log, int partition, int seed)
    {
        var random = new Random(seed);
        var number = 0;
        for (var batchNumber = 1; number < EventsPerPartition; batchNumber++)
        {
            var size = Math.Min(random.Next(1, 60), EventsPerPartition - number);
            var batch = Numbers.Batch(Enumerable.Range(number, size));
            number += size;
            await Wait.Until(
                async () => await log.Appender.AppendAsync(partition, "c1", batchNumber, batch, default) is AppendOutcome.Appended or AppendOutcome.AlreadyAppended,
                "Redis takes the batch");
            if (random.Next(4) == 0) Assert.IsNotType<AppendOutcome.Appended>(await log.Appender.AppendAsync(partition, "c1", batchNumber, batch, default));
            await Task.Delay(random.Next(40));
        }
    }

    /// <summary>Handlers that are slow, stall beyond the lease, or throw, before and after they folded.</summary>
    private static void Disturb(NumberHandlerFactory factory, Random random)
    {
        Task Now()
        {
            int choice, delay;
            lock (random) (choice, delay) = (random.Next(200), random.Next(10));
            return choice switch
            {
                0 => Task.Delay(1500),
                < 4 => throw new InvalidDataException("disturbed"),
                < 40 => Task.Delay(delay),
                _ => Task.CompletedTask,
            };
        }

        factory.BeforeApply = (_, _) => Now();
        factory.AfterApply = (_, _) => Now();
    }
}
