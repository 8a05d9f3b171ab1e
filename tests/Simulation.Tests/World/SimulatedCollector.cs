using Microsoft.Extensions.Options;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>
/// A collector with a spool: it appends its batches in order, each until it is known to stand in the log, goes back when Redis lost some, and begins
/// again with all of them after a crash. The appending itself is the product's.
/// </summary>
internal sealed class SimulatedCollector(Schedule schedule, Server server, Random random, string name, SimulatedLog log, IReadOnlyList<SimulatedEvent> events)
{
    private readonly List<Lane> lanes = [.. events.GroupBy(e => e.Partition).Select(group => new Lane(group.Key, Cut(random, [.. group])))];
    private Process process = new(schedule, "");
    private RedisClient? client;
    private List<Task> running = [];
    private int runs;

    public RedisClient? Client => client;

    public bool IsDone => lanes.TrueForAll(lane => lane.DoneAt > server.UpSince);

    public void Start()
    {
        process = new Process(schedule, $"{name}.{++runs}");
        client = new RedisClient(schedule, server, process, random, Weather.Usual);
        var clock = new ProcessClock(schedule, process);
        var appender = new EventAppender(client.Multiplexer, log.Keys, Options.Create(log.Stream), log.Metrics, clock);
        running = [.. lanes.Select(lane => AppendAsync(appender, clock, lane))];
    }

    /// <summary>Why a lane ended, which none should.</summary>
    public Exception? Failure => running.Find(lane => lane.IsFaulted)?.Exception;

    public void Crash(TimeSpan down)
    {
        if (process.IsDead) return;
        process.Kill();
        client?.Disconnected();
        schedule.After(down, Start);
    }

    public void Freeze(TimeSpan time) => process.Freeze(time);

    private async Task AppendAsync(EventAppender appender, TimeProvider clock, Lane lane)
    {
        (lane.Next, lane.DoneAt) = (1, 0);
        while (true)
        {
            while (lane.Next <= lane.Batches.Count)
            {
                var (due, batch) = lane.Batches[lane.Next - 1];
                if (due > schedule.Now) await Task.Delay(TimeSpan.FromMicroseconds(due - schedule.Now), clock);
                switch (await appender.AppendAsync(lane.Partition, name, lane.Next, lane.Next - 1, batch, CancellationToken.None))
                {
                    case AppendOutcome.Appended or AppendOutcome.AlreadyAppended:
                        lane.Next++;
                        break;
                    case AppendOutcome.Rewound rewound:
                        lane.Next = (int)rewound.Mark + 1;
                        lane.DoneAt = 0;
                        break;
                    case AppendOutcome.Retry:
                        await Task.Delay(TimeSpan.FromMilliseconds(20 + random.Next(200)), clock);
                        break;
                    case var refused:
                        throw new InvalidOperationException($"{refused}");
                }
            }

            lane.DoneAt = schedule.Now;
            // All is appended; Redis may still lose it. The collector's status asks for the mark now and then.
            await Task.Delay(TimeSpan.FromSeconds(1), clock);
            lane.Next = lane.Batches.Count;
        }
    }

    private static List<(long Due, EventBatch Batch)> Cut(Random random, SimulatedEvent[] events)
    {
        var batches = new List<(long, EventBatch)>();
        for (var at = 0; at < events.Length;)
        {
            var count = Math.Min(events.Length - at, random.Next(1, 6));
            batches.Add((events[at + count - 1].At, Batches.Of(events[at..(at + count)])));
            at += count;
        }

        return batches;
    }

    private sealed class Lane(int partition, List<(long Due, EventBatch Batch)> batches)
    {
        public int Partition => partition;

        public List<(long Due, EventBatch Batch)> Batches => batches;

        /// <summary>Number of the batch in hand, from 1; one more than there are when all are appended.</summary>
        public int Next { get; set; } = 1;

        /// <summary>When all batches were known to stand in the log; 0 while they are not.</summary>
        public long DoneAt { get; set; }
    }
}
