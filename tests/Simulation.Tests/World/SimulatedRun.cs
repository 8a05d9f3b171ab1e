using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Simulation.Tests.Checks;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>What a seed came to.</summary>
/// <param name="Seed">Gives the same run again.</param>
/// <param name="Violations">What the checkers found; empty when all is well.</param>
/// <param name="Trace">Fingerprint of every command and reply of the run.</param>
/// <param name="Faults">What was done to it.</param>
/// <param name="Commands">Commands executed.</param>
internal sealed record RunResult(int Seed, IReadOnlyList<string> Violations, ulong Trace, IReadOnlyList<string> Faults, long Commands);

/// <summary>
/// Read this first. One run of the product in a simulated world, decided by its seed: collectors append, replicas of projector and notifier consume, some
/// of them crash, freeze, lose their connection, Redis restarts without its end, a rebuild comes in between; then all is left alone until nothing happens
/// any more, and the checkers look at what is there.
/// </summary>
/// <remarks>
/// Everything runs on the calling thread: the product's tasks wait for replies and timers of the simulation only, and go on when these are delivered.
/// A task that escapes to another thread would make the run unrepeatable; the client notices.
/// </remarks>
internal sealed class SimulatedRun
{
    private static readonly TimeSpan SettleMax = TimeSpan.FromMinutes(3);

    // The last fault may be a restart that comes 1.2 s later.
    private static readonly TimeSpan FaultsEndAfter = TimeSpan.FromMilliseconds(1_300);

    private readonly int seed;
    private readonly Random random;
    private readonly Schedule schedule = new();
    private readonly Server server;
    private readonly SimulatedLog log;
    private readonly Receiver receiver;
    private readonly List<SimulatedCollector> collectors = [];
    private readonly List<SimulatedReplica> replicas = [];
    private readonly List<string> faults = [];
    private readonly List<string> violations = [];
    private readonly IReadOnlyList<SimulatedEvent> events;
    private readonly TimeSpan time;
    private bool isCalm;

    private SimulatedRun(int seed, Mutation mutation, Action<string>? trace)
    {
        this.seed = seed;
        random = new Random(seed);
        var partitions = random.Next(1, 3);
        log = new SimulatedLog(new StreamOptions
        {
            Prefix = "s",
            Partitions = partitions,
            ReadBatchMax = (int[])[1, 3, 10, 50] is var sizes ? sizes[random.Next(sizes.Length)] : 0,
            LeaseTtl = TimeSpan.FromSeconds(2),
            RebalanceInterval = TimeSpan.FromMilliseconds(300),
            HandOverMax = TimeSpan.FromSeconds(1),
            PollMax = TimeSpan.FromMilliseconds(400),
            BackoffMin = TimeSpan.FromMilliseconds(20),
            BackoffMax = TimeSpan.FromMilliseconds(500),
            RetentionEntriesMax = random.Next(3) == 0 ? 25 : 0,
            TrimInterval = TimeSpan.FromSeconds(1),
        });
        server = new Server(schedule, Mutations.Scripts(mutation)) { Traced = trace };
        receiver = new Receiver(schedule);
        time = TimeSpan.FromSeconds(6 + random.Next(6));
        events = new KernelLines(random, partitions).Print(random.Next(40, 160), time);
        var number = random.Next(1, 3);
        for (var i = 0; i < number; i++)
            collectors.Add(new SimulatedCollector(schedule, server, random, $"c{i}", log, [.. events.Where((_, index) => index % number == i)]));
        foreach (var group in ConsumerGroups.All)
        {
            var count = random.Next(1, 4);
            for (var i = 0; i < count; i++)
                replicas.Add(new SimulatedReplica(schedule, server, random, group, $"r{i}", log, receiver) { AcknowledgesFirst = mutation == Mutation.AcknowledgedFirst });
        }
    }

    /// <summary>Runs a seed on the calling thread.</summary>
    public static RunResult Of(int seed, Mutation mutation = Mutation.None, Action<string>? trace = null)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return new SimulatedRun(seed, mutation, trace).Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private RunResult Run()
    {
        foreach (var collector in collectors) collector.Start();
        foreach (var replica in replicas) schedule.After(TimeSpan.FromMilliseconds(random.Next(1000)), replica.Start);
        PlanFaults();
        schedule.After(time + FaultsEndAfter, () =>
        {
            isCalm = true;
            foreach (var replica in replicas) replica.Client?.HoldNothing();
        });
        if (Settle()) Check();
        if (schedule.HasEscaped) violations.Add("a task of the product left the thread of the simulation");
        violations.AddRange(log.Complaints.Texts.Select(text => $"logged: {text}"));
        return new RunResult(seed, violations, server.Trace, faults, server.Commands);
    }

    private bool Settle()
    {
        var limit = Schedule.Start + (long)(time + SettleMax).TotalMicroseconds;
        var nextLook = 0L;
        while (schedule.Step() && schedule.Now < limit)
        {
            if ((replicas.Find(replica => replica.Failure is not null)?.Failure ?? collectors.Find(collector => collector.Failure is not null)?.Failure) is { } failure)
            {
                violations.Add($"a process ended: {failure}");
                return false;
            }

            if (!isCalm || schedule.Now < nextLook) continue;
            nextLook = schedule.Now + 200_000;
            if (!server.IsDown && collectors.TrueForAll(collector => collector.IsDone) && replicas.TrueForAll(replica => replica.IsRunning && replica.Client is { IsStalled: false }) && Backlog.IsEmpty(server.Model, log) && OwnersRun()) return true;
        }

        violations.Add($"did not settle: {Backlog.Describe(server.Model, log)}");
        return false;
    }

    // A crashed owner's lease runs out first, and somebody takes it over.
    private bool OwnersRun() => ConsumerGroups.All.All(group => Enumerable.Range(0, log.Stream.Partitions).All(partition =>
        server.Model.Execute(["HGET", log.Keys.Lease(partition, group), "owner"]) is string owner && replicas.Exists(replica => replica.ProcessName == owner)));

    private void Check()
    {
        var clock = new ProcessClock(schedule, new Process(schedule, "check"));
        var client = new RedisClient(schedule, server, new Process(schedule, "check"), random, Weather.Usual);
        for (var partition = 0; partition < log.Stream.Partitions; partition++)
        {
            var rebuild = PartitionRebuild.Create(client.Multiplexer, log.Stream, log.State, clock);
            var report = Complete(rebuild.RunAsync(partition, new RebuildOptions { VerifyOnly = true }, CancellationToken.None));
            if (report?.Outcome != RebuildOutcome.Verified) violations.Add($"C2: a rebuild of partition {partition} came to something else: {report?.Outcome} {string.Join("; ", report?.Differences ?? [])}");
        }

        foreach (var replica in replicas) replica.Stop();
        if (!Until(() => replicas.TrueForAll(replica => replica.HasEnded))) violations.Add($"C4: does not stop: {string.Join(' ', replicas.Where(replica => !replica.HasEnded))}");
        var checks = new Checkers(server, log, receiver, events);
        violations.AddRange(checks.Events());
        violations.AddRange(Complete(checks.StateAsync(client.Multiplexer)) ?? ["C2: the state cannot be read"]);
        violations.AddRange(checks.Alerts());
        violations.AddRange(checks.Leaks());
    }

    private T? Complete<T>(Task<T> task)
    {
        if (!Until(() => task.IsCompleted)) violations.Add($"a check of {typeof(T).Name} does not end");
        if (task.Exception is { } exception) violations.Add($"a check failed: {exception}");
        return task.IsCompletedSuccessfully ? task.Result : default;
    }

    private bool Until(Func<bool> condition)
    {
        var limit = schedule.Now + (long)SettleMax.TotalMicroseconds;
        while (!condition() && schedule.Now < limit && schedule.Step())
        {
        }

        return condition();
    }

    private void PlanFaults()
    {
        var count = random.Next(0, 9);
        for (var i = 0; i < count; i++) schedule.After(time * random.NextDouble(), Fault);
    }

    private void Fault()
    {
        var replica = replicas[random.Next(replicas.Count)];
        var collector = collectors[random.Next(collectors.Count)];
        var short_ = TimeSpan.FromMilliseconds(random.Next(100, 2000));
        var long_ = TimeSpan.FromMilliseconds(random.Next(500, 5000));
        switch (random.Next(12))
        {
            case 0 or 1 when replica.IsRunning:
                Note("crash of a replica");
                replica.Crash(short_);
                break;
            case 2 or 3 when replica.IsRunning:
                Note($"freeze of a replica for {long_.TotalSeconds:F1} s");
                replica.Freeze(long_);
                break;
            case 4 when replica.IsRunning:
                Note("lost connection");
                replica.Client.Disconnected();
                break;
            case 5 when replica.IsRunning:
                Note("stalled connection");
                replica.Client.Stall(long_);
                break;
            case 6:
                Note("crash of a collector");
                collector.Crash(short_);
                break;
            case 7:
                Note("lost connection of a collector");
                collector.Client?.Disconnected();
                break;
            case 8 when !server.IsDown:
                Note("restart of Redis with all it had");
                server.Sync();
                server.Restart(short_);
                break;
            case 9 when !server.IsDown:
                Note("restart of Redis without its end");
                server.Sync();
                schedule.After(TimeSpan.FromMilliseconds(random.Next(50, 1200)), () => server.Restart(short_));
                break;
            case 10:
                Note("rebuild");
                _ = RebuildAsync(random.Next(log.Stream.Partitions));
                break;
            case 11:
                RebuildBehindLateCommit(random.Next(log.Stream.Partitions), short_);
                break;
        }
    }

    // The owner loses the partition to a rebuild and gets it back under the same name; a commit of its first ownership, for the view before the switch, comes after that.
    private void RebuildBehindLateCommit(int partition, TimeSpan down)
    {
        var lease = log.Keys.Lease(partition, ConsumerGroups.Projector);
        if (replicas.Find(replica => replica.IsRunning && replica.ProcessName == server.Model.Execute(["HGET", lease, "owner"]) as string) is not { } owner) return;
        Note("rebuild while a commit of the owner is stuck");
        owner.Client.HoldCommit(lease, down, () => _ = RebuildAsync(partition));
    }

    private void Note(string fault) => faults.Add($"{schedule.Elapsed / 1e6:F3} s: {fault}");

    // Somebody at the command line: what fails for the weather is given up.
    private async Task RebuildAsync(int partition)
    {
        var process = new Process(schedule, $"rebuild.{schedule.Elapsed}");
        var client = new RedisClient(schedule, server, process, random, Weather.Usual);
        if (random.Next(4) == 0) schedule.After(TimeSpan.FromMilliseconds(random.Next(300)), process.Kill);
        try
        {
            var rebuild = PartitionRebuild.Create(client.Multiplexer, log.Stream, log.State, new ProcessClock(schedule, process));
            var report = await rebuild.RunAsync(partition, new RebuildOptions(), CancellationToken.None);
            Note($"rebuild of partition {partition}: {report.Outcome}");
            if (report.Outcome == RebuildOutcome.Different) violations.Add($"C2: a rebuild in between came to something else: {string.Join("; ", report.Differences)}");
            if (report.Outcome == RebuildOutcome.Switched) await rebuild.FinalizeAsync(partition, CancellationToken.None);
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException or PartitionClaimException or RebuildRefusedException)
        {
            Note($"rebuild of partition {partition}: {exception.GetType().Name}");
        }
    }
}
