namespace WgMonitor.Streams.Tests;

/// <summary>A replica that runs with a connection of its own, and can stop as told or crash.</summary>
public sealed class RunningReplica : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Log log;
    private readonly Task run;
    private bool crashed;

    private RunningReplica(Log log, NumberHandlerFactory factory, PartitionOwners owners)
    {
        this.log = log;
        Factory = factory;
        Owners = owners;
        run = Task.Run(() => owners.RunAsync(stopping.Token));
    }

    public NumberHandlerFactory Factory { get; }

    public PartitionOwners Owners { get; }

    public Log Log => this.log;

    public bool HasEnded => run.IsCompleted;

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
        await stopping.CancelAsync();
        await run;
    }

    /// <summary>As SIGKILL: nothing more is said to Redis, whatever was under way.</summary>
    public async Task CrashAsync()
    {
        crashed = true;
        await this.log.Connection.DisposeAsync();
        await stopping.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        try
        {
            await run;
        }
        catch (ObjectDisposedException) when (crashed)
        {
            // What a killed process would not have lived to see.
        }
    }
}
