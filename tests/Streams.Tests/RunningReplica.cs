namespace WgMonitor.Streams.Tests;

/// <summary>A replica that runs with a connection of its own, and can stop as told or crash.</summary>
public sealed class RunningReplica : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Log _log;
    private readonly Task _run;
    private bool _crashed;

    private RunningReplica(Log log, NumberHandlerFactory factory, PartitionOwners owners)
    {
        _log = log;
        Factory = factory;
        Owners = owners;
        _run = Task.Run(() => owners.RunAsync(_stopping.Token));
    }

    public NumberHandlerFactory Factory { get; }

    public PartitionOwners Owners { get; }

    public Log Log => _log;

    public bool HasEnded => _run.IsCompleted;

    public static async Task<RunningReplica> StartAsync(Log log, string group = "g", Action<NumberHandlerFactory>? change = null)
    {
        var own = await log.ReconnectAsync(configuration => configuration.AsyncTimeout = 2000);
        var factory = new NumberHandlerFactory(own.Database, own.Keys, group);
        change?.Invoke(factory);
        return new RunningReplica(own, factory, own.Replica(group, factory));
    }

    /// <summary>As SIGTERM.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _run;
    }

    /// <summary>As SIGKILL: nothing more is said to Redis, whatever was under way.</summary>
    public async Task CrashAsync()
    {
        _crashed = true;
        await _log.Connection.DisposeAsync();
        await _stopping.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _run;
        }
        catch (ObjectDisposedException) when (_crashed)
        {
            // What a killed process would not have lived to see.
        }
    }
}
