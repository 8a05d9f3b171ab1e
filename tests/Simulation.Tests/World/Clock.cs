namespace WgMonitor.Simulation.Tests.World;

/// <summary>What happens and when, in order of time and then of planning. Nothing runs beside it: one thread, one event after the other.</summary>
internal sealed class Schedule
{
    private readonly PriorityQueue<Action, (long At, long Number)> events = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long number;

    /// <summary>2026-11-22 12:00 UTC, in Unix microseconds.</summary>
    public const long Start = 1_795_348_800_000_000;

    /// <summary>Unix microseconds.</summary>
    public long Now { get; private set; } = Start;

    public long Elapsed => Now - Start;

    /// <summary>The product's tasks stay on the thread of the run, or it could not be repeated.</summary>
    public void CheckThread()
    {
        if (Environment.CurrentManagedThreadId == thread) return;
        HasEscaped = true;
        throw new InvalidOperationException("A task of the product left the thread of the simulation.");
    }

    /// <summary>A task was met on another thread.</summary>
    public bool HasEscaped { get; private set; }

    public void At(long at, Action action) => events.Enqueue(action, (Math.Max(at, Now), number++));

    public void After(TimeSpan delay, Action action) => At(Now + (long)delay.TotalMicroseconds, action);

    /// <summary>Runs the next event; false when there is none.</summary>
    public bool Step()
    {
        if (!events.TryDequeue(out var action, out var priority)) return false;
        Now = priority.At;
        action();
        return true;
    }
}

/// <summary>The clock and the timers of one process: they stand still while it is frozen and never fire once it is dead.</summary>
internal sealed class ProcessClock(Schedule schedule, Process process) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => schedule.Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(schedule.Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        schedule.CheckThread();
        if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero) throw new NotSupportedException("No periodic timer is used.");
        var timer = new Timer(schedule, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Schedule schedule, Process process, TimerCallback callback, object? state) : ITimer
    {
        private long version;
        private bool isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (isDisposed || dueTime == Timeout.InfiniteTimeSpan) return !isDisposed;
            schedule.After(dueTime, () => process.Run(() =>
            {
                if (!isDisposed && version == mine) callback(state);
            }));
            return true;
        }

        public void Dispose() => isDisposed = true;

        public ValueTask DisposeAsync()
        {
            isDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A process of the simulated world. It can be frozen for a while (SIGSTOP) and it can die.</summary>
internal sealed class Process(Schedule schedule, string name)
{
    private long frozenUntil;

    public string Name => name;

    public bool IsDead { get; private set; }

    /// <summary>Does something in the process: later if it is frozen, never if it is dead.</summary>
    public void Run(Action action)
    {
        if (IsDead) return;
        if (frozenUntil > schedule.Now) schedule.At(frozenUntil, () => Run(action));
        else action();
    }

    public void Freeze(TimeSpan time) => frozenUntil = Math.Max(frozenUntil, schedule.Now + (long)time.TotalMicroseconds);

    public void Kill() => IsDead = true;
}
