using System.Net;
using StackExchange.Redis;
using WgMonitor.Simulation.Tests.Redis;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>How a connection behaves, as measured with the product's client: commands and replies keep their order; everything else may happen.</summary>
internal sealed record Weather(TimeSpan LatencyMax, TimeSpan TimeOut, double HintsLost)
{
    public static Weather Usual { get; } = new(TimeSpan.FromMilliseconds(3), TimeSpan.FromSeconds(1), 0.1);
}

/// <summary>
/// The connection of one process to the server. When it breaks, nobody knows which of the commands under way are executed; those that are, may be so late,
/// after others of the next connection. After a stall commands time out and are executed all the same.
/// </summary>
internal sealed class RedisClient
{
    private readonly Schedule schedule;
    private readonly Server server;
    private readonly Process process;
    private readonly Random random;
    private readonly Weather weather;
    private readonly Dictionary<string, Action<RedisChannel, RedisValue>> subscriptions = [];
    private Wire wire = new();
    private (string Lease, TimeSpan Down, Action Held)? held;

    public RedisClient(Schedule schedule, Server server, Process process, Random random, Weather weather)
    {
        this.schedule = schedule;
        this.server = server;
        this.process = process;
        this.random = random;
        this.weather = weather;
        server.Add(this);
        if (server.IsDown)
        {
            wire.IsOpen = false;
            Reconnect();
        }

        Multiplexer = MultiplexerProxy.Of(this);
    }

    /// <summary>What the product is given.</summary>
    public IConnectionMultiplexer Multiplexer { get; }

    /// <summary>Commit in two steps, the acknowledgement before the effects: a mutation.</summary>
    public bool AcknowledgesFirst { get; init; }

    public EventHandler<ConnectionFailedEventArgs>? ConnectionRestored { get; set; }

    public Task<T> SendAsync<T>(string[] command, Func<object?, T> read)
    {
        schedule.CheckThread();
        if (AcknowledgesFirst && CommitInTwo.TrySplit(command, out var first, out var second))
        {
            var both = new TaskCompletionSource<T>();
            Send(first, reply =>
            {
                if (reply is object?[] and ["APPLIED", ..]) Send(second, later => both.TrySetResult(read(later)), both);
                else both.TrySetResult(read(reply));
            }, both);
            return both.Task;
        }

        var source = new TaskCompletionSource<T>();
        Send(command, reply => source.TrySetResult(read(reply)), source);
        return source.Task;
    }

    public void Subscribe(string channel, Action<RedisChannel, RedisValue> handler) => subscriptions[channel] = handler;

    public void Published(string channel, string message)
    {
        if (!wire.IsOpen || random.NextDouble() < weather.HintsLost || !subscriptions.TryGetValue(channel, out var handler)) return;
        schedule.After(Latency(), () => process.Run(() => handler(RedisChannel.Literal(channel), message)));
    }

    /// <summary>The connection breaks; a new one comes after a while, again and again until the server is there.</summary>
    public void Disconnected() => Disconnected(TimeSpan.FromMilliseconds(20 + random.Next(300)));

    private void Disconnected(TimeSpan down)
    {
        if (!wire.IsOpen) return;
        var broken = wire;
        wire = new Wire { IsOpen = false };
        broken.IsOpen = false;
        // What the server has already received it executes, if it lives: maybe late.
        var received = server.IsDown ? 0 : random.Next(broken.Calls.Count + 1);
        var late = random.Next(4) == 0 ? (long)(random.NextDouble() * 4_000_000) : 0;
        var number = 0;
        foreach (var call in broken.Calls.ToArray())
        {
            call.IsCut = number++ >= received;
            call.Late = late;
            Fail(call, Broken("The simulated connection broke."));
        }

        schedule.After(down, Reconnect);
    }

    /// <summary>
    /// The next commit under a lease gets stuck on its way, and the connection breaks: the server executes it when the sender, which has lost the partition meanwhile, is
    /// granted it anew. A network may deliver that late; this is the worst moment.
    /// </summary>
    /// <param name="lease">Key of the lease.</param>
    /// <param name="down">Until the next connection.</param>
    /// <param name="whenHeld">Called once the commit is on its way.</param>
    public void HoldCommit(string lease, TimeSpan down, Action whenHeld) => held = (lease, down, whenHeld);

    /// <summary>Takes back <see cref="HoldCommit"/> where no commit came since.</summary>
    public void HoldNothing() => held = null;

    /// <summary>The server answers this connection nothing for a while.</summary>
    public void Stall(TimeSpan time) => wire.LastExecution = Math.Max(wire.LastExecution, schedule.Now + (long)time.TotalMicroseconds);

    /// <summary>A command sent now would wait for the end of a stall: longer than any latency.</summary>
    public bool IsStalled => wire.LastExecution > schedule.Now + 100_000;

    private void Reconnect()
    {
        if (process.IsDead) return;
        if (server.IsDown)
        {
            schedule.After(TimeSpan.FromMilliseconds(100), Reconnect);
            return;
        }

        wire = new Wire();
        process.Run(() => ConnectionRestored?.Invoke(this, new ConnectionFailedEventArgs(
            this, new IPEndPoint(IPAddress.Loopback, 6379), ConnectionType.Interactive, ConnectionFailureType.None, null!, "simulated")));
    }

    private void Send<T>(string[] command, Action<object?> deliver, TaskCompletionSource<T> source)
    {
        var call = new Call(deliver, exception => source.TrySetException(exception));
        if (!wire.IsOpen)
        {
            schedule.After(TimeSpan.FromMilliseconds(1), () => Fail(call, Broken("No simulated connection.")));
            return;
        }

        if (IsToBeHeld(command))
        {
            var (lease, down, whenHeld) = held!.Value;
            held = null;
            server.Hold(new(process.Name, lease, command));
            schedule.After(TimeSpan.FromMilliseconds(1), () =>
            {
                Disconnected(down);
                Fail(call, Broken("The simulated connection broke."));
            });
            whenHeld();
            return;
        }

        var mine = wire;
        mine.Calls.Add(call);
        mine.LastExecution = Math.Max(mine.LastExecution, schedule.Now + Microseconds(Latency()));
        schedule.At(mine.LastExecution, () => Arrive(mine, call, command));
        if (mine.LastExecution - schedule.Now > Microseconds(weather.TimeOut))
            schedule.After(weather.TimeOut, () => Fail(call, new RedisTimeoutException(CommandFlags.None, "The simulated call timed out.", CommandStatus.Sent)));
    }

    // EVAL commit.lua, number of keys, the lease and the other keys, owner, epoch, expected checkpoint ...
    private bool IsToBeHeld(string[] command) =>
        held is { } wanted && command is ["EVAL", "commit.lua", var keys, var lease, ..] && lease == wanted.Lease && command[3 + int.Parse(keys) + 2].Length > 0;

    private void Arrive(Wire on, Call call, string[] command)
    {
        if (call.Late > 0)
        {
            var late = call.Late;
            call.Late = 0;
            schedule.At(schedule.Now + late, () => Arrive(on, call, command));
            return;
        }

        on.Calls.Remove(call);
        if (call.IsCut || server.IsDown) return;
        var reply = server.Execute(process.Name, command);
        on.LastReply = Math.Max(on.LastReply, schedule.Now + Microseconds(Latency()));
        // A reply on its way is a call under way: the connection may still break before it is there.
        on.Calls.Add(call);
        schedule.At(on.LastReply, () =>
        {
            on.Calls.Remove(call);
            if (!on.IsOpen) return;
            process.Run(() =>
            {
                if (call.IsAnswered) return;
                call.IsAnswered = true;
                if (reply is Error error) call.Fail(new RedisServerException(RedisErrorKind.UnknownError, CommandFlags.None, error.Text));
                else call.Deliver(reply);
            });
        });
    }

    private void Fail(Call call, Exception exception) => process.Run(() =>
    {
        if (call.IsAnswered) return;
        call.IsAnswered = true;
        call.Fail(exception);
    });

    private static RedisConnectionException Broken(string text) => new(ConnectionFailureType.SocketClosed, CommandFlags.None, text, null!, CommandStatus.Unknown);

    private TimeSpan Latency() => weather.LatencyMax * Math.Pow(random.NextDouble(), 3);

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    private sealed class Wire
    {
        public bool IsOpen { get; set; } = true;

        public long LastExecution { get; set; }

        public long LastReply { get; set; }

        public List<Call> Calls { get; } = [];
    }

    private sealed class Call(Action<object?> deliver, Action<Exception> fail)
    {
        public Action<object?> Deliver => deliver;

        public Action<Exception> Fail => fail;

        public bool IsAnswered { get; set; }

        public bool IsCut { get; set; }

        public long Late { get; set; }
    }
}
