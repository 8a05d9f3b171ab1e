using Microsoft.Extensions.Options;
using Polly;
using WgMonitor.Notifier;
using WgMonitor.Projector;
using WgMonitor.Projector.Compat;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>One replica of projector or notifier, made of the product's own parts; after a crash it comes back as another process.</summary>
internal sealed class SimulatedReplica(Schedule schedule, Server server, Random random, string group, string name, SimulatedLog log, Receiver receiver)
{
    private Process process = new(schedule, "");
    private CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private Task trimming = Task.CompletedTask;
    private int runs;

    public RedisClient Client { get; private set; } = null!;

    public bool AcknowledgesFirst { get; init; }

    public string ProcessName => process.Name;

    public bool IsRunning => !process.IsDead && runs > 0;

    public bool HasEnded => running.IsCompleted && trimming.IsCompleted;

    /// <summary>Why it ended, if it should not have.</summary>
    public Exception? Failure => running.Exception ?? trimming.Exception;

    public void Start()
    {
        process = new Process(schedule, $"{group}-{name}.{++runs}");
        stopping = new CancellationTokenSource();
        Client = new RedisClient(schedule, server, process, random, Weather.Usual) { AcknowledgesFirst = AcknowledgesFirst };
        var clock = new ProcessClock(schedule, process);
        var options = Options.Create(log.Stream);
        IPartitionHandlerFactory factory = group == ConsumerGroups.Projector ? Projections() : Pipelines(clock);
        var owners = new PartitionOwners(Client.Multiplexer, log.Keys, group, process.Name, factory, options, log.Metrics, clock, log.Complaints.For<PartitionOwners>());
        running = owners.RunAsync(stopping.Token);
        if (group != ConsumerGroups.Projector || log.Stream.RetentionEntriesMax == 0) return;
        var claims = new PartitionClaims(Client.Multiplexer, log.Keys, options, log.Metrics, clock);
        var bases = new BaseSnapshots(Client.Multiplexer, log.Keys, claims, new LogReader(Client.Multiplexer, log.Keys), log.Stream, log.State, log.Projector, log.Complaints.For<BaseSnapshots>());
        var trimmer = new StreamTrimmer(
            Client.Multiplexer, log.Keys, new TrimGroups(ConsumerGroups.All, [ConsumerGroups.Base]), bases.AdvanceAsync, options, log.Metrics, clock, log.Complaints.For<StreamTrimmer>());
        trimming = trimmer.RunAsync(stopping.Token);
    }

    /// <summary>Dies; what it had sent may still arrive. Comes back after a while.</summary>
    public void Crash(TimeSpan down)
    {
        process.Kill();
        Client.Disconnected();
        schedule.After(down, Start);
    }

    public void Freeze(TimeSpan time) => process.Freeze(time);

    public override string ToString() => $"{process.Name} ({running.Status}, trimming {trimming.Status})";

    public void Stop() => stopping.Cancel();

    private PeerProjections Projections() => new(
        Client.Multiplexer, new StateGenerations(Client.Multiplexer, log.Keys), log.State, new ProjectorOptions(), new LegacyHashes(new CompatOptions(), new StreamOptions(), log.Projector), log.Projector);

    private AlertPipelines Pipelines(TimeProvider clock)
    {
        var channel = receiver.ChannelOf(process, random);
        var options = new RouteOptions { Name = Receiver.Route, Type = RouteType.Log, RetryPause = TimeSpan.FromMilliseconds(100), RetryPauseMax = TimeSpan.FromSeconds(1) };
        var route = new AlertRoute(options, channel, ResiliencePipeline<ChannelOutcome>.Empty, log.Notifier);
        return new AlertPipelines(Client.Multiplexer, log.Keys, log.State, new NotifierOptions(), new AlertRoutes([route], new Random(0)), log.Notifier, clock);
    }
}

/// <summary>Where alerts go. A request may arrive while its sender dies; what arrived is known here.</summary>
internal sealed class Receiver(Schedule schedule)
{
    public const string Route = "simulated";

    /// <summary>Alert ids in order of arrival, with repetitions.</summary>
    public List<string> Delivered { get; } = [];

    public IAlertChannel ChannelOf(Process process, Random random) => new Channel(schedule, process, random, Delivered);

    private sealed class Channel(Schedule schedule, Process process, Random random, List<string> delivered) : IAlertChannel
    {
        public Task<ChannelOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken)
        {
            var source = new TaskCompletionSource<ChannelOutcome>();
            var fails = random.Next(10) == 0;
            schedule.After(Latency(), () =>
            {
                if (!fails) delivered.Add(alert.Id);
                schedule.After(Latency(), () => process.Run(() => source.TrySetResult(fails ? new ChannelOutcome.Retry(DeliveryReason.Timeout) : ChannelOutcome.Delivered.Value)));
            });
            return source.Task;
        }

        private TimeSpan Latency() => TimeSpan.FromMilliseconds(1 + random.Next(40));
    }
}
