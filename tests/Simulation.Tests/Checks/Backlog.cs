using WgMonitor.ReadModel;
using WgMonitor.Simulation.Tests.Redis;
using WgMonitor.Simulation.Tests.World;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.Checks;

/// <summary>What is still to be done: entries that a group has not applied, alerts that are not delivered.</summary>
internal static class Backlog
{
    public static bool IsEmpty(RedisModel redis, SimulatedLog log) => Lines(redis, log).All(line => line.Done);

    public static string Describe(RedisModel redis, SimulatedLog log) => string.Join("; ", Lines(redis, log).Where(line => !line.Done).Select(line => line.Text));

    private static IEnumerable<(bool Done, string Text)> Lines(RedisModel redis, SimulatedLog log)
    {
        for (var partition = 0; partition < log.Stream.Partitions; partition++)
        {
            var last = redis.Stream(log.Keys.Events(partition))?.LastId.ToString() ?? "0-0";
            foreach (var group in ConsumerGroups.All)
            {
                var checkpoint = redis.Execute(["GET", log.Keys.Checkpoint(partition, group)]) as string ?? "0-0";
                yield return (checkpoint == last, $"{group} of partition {partition} is at {checkpoint} of {last}");
            }

            var keys = new AlertKeys(log.Keys);
            var outbox = redis.Stream(keys.Outbox(partition))?.LastId.ToString() ?? "0-0";
            var cursor = redis.Execute(["HGET", keys.Cursors(partition), Receiver.Route]) as string ?? "0-0";
            // Behind the end after a restart without its end, by a command that came late: what is raised from now on has a later ID.
            yield return (StreamId.Parse(cursor) >= StreamId.Parse(outbox), $"delivery of partition {partition} is at {cursor} of {outbox}");
        }
    }
}
