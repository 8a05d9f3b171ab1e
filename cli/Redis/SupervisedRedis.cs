using System.ComponentModel;

namespace WgMonitor.Cli.Redis;

/// <summary>
/// The own redis-server of <c>wgmonitor up</c>: started and waited for, started again when it ends by itself, ended by us when the services have
/// drained. Its data survives the death of either process.
/// </summary>
internal sealed class SupervisedRedis : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Until the first answer; loading data may then take as long as it takes.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(15);

    /// <summary>After so long a life an end is not the same trouble again.</summary>
    private static readonly TimeSpan SoundLife = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly RedisProgram program;
    private readonly RedisHome home;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private RedisProcess process;
    private Task watching = Task.CompletedTask;

    private SupervisedRedis(RedisProgram program, RedisHome home, RedisProcess process, ILogger logger, TimeProvider time) =>
        (this.program, this.home, this.process, this.logger, this.time) = (program, home, process, logger, time);

    /// <summary>Number of the running process.</summary>
    public int ProcessId => process.Id;

    /// <summary>Ends what an earlier run left, starts the server and returns when it serves.</summary>
    /// <exception cref="CannotStartException">It ended by itself or never answered.</exception>
    public static async Task<SupervisedRedis> StartAsync(RedisProgram program, RedisHome home, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        if (!program.IsTied) logger.RedisNotTied();
        await RedisOrphan.EndAsync(home, logger, time, stop);
        home.WriteConfig();
        var redis = new SupervisedRedis(program, home, await StartProcessAsync(program, home, logger, time, stop), logger, time);
        try
        {
            if (!await redis.ServesAsync(stop))
                throw new CannotStartException($"{program.Path} did not start; it said: {redis.process.LastWords}");
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }

        redis.watching = redis.WatchAsync();
        return redis;
    }

    /// <summary>Stops watching, lets the server write its data and waits for its end. Called when nobody uses it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        if (!process.Ended.IsCompleted) await EndAsync();
        stopping.Dispose();
    }

    private async Task EndAsync()
    {
        process.Terminate();
        try
        {
            if (await process.Ended.WaitAsync(EndLimit, time) == 0) home.EndedWell();
            logger.RedisStopped(process.Id);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.Ended;
            logger.RedisKilled(process.Id, EndLimit);
        }
    }

    /// <summary>Until we stop: whenever the server ends, start it again.</summary>
    private async Task WatchAsync()
    {
        var backoff = BackoffMin;
        var begin = time.GetTimestamp();
        while (await EndsBeforeStopAsync())
        {
            if (time.GetElapsedTime(begin) > SoundLife) backoff = BackoffMin;
            logger.RedisDied(await process.Ended, backoff, process.LastWords);
            if (!await PauseAsync(backoff)) return;

            backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, BackoffMax.Ticks));
            begin = time.GetTimestamp();
            await StartAgainAsync(backoff);
        }
    }

    private async Task StartAgainAsync(TimeSpan nextDelay)
    {
        try
        {
            process = await StartProcessAsync(program, home, logger, time, stopping.Token);
            await ServesAsync(stopping.Token);
        }
        catch (Win32Exception exception)
        {
            // The old process stays in place as ended, so the loop comes here again after its pause.
            logger.RedisStartFailed(nextDelay, exception);
        }
        catch (OperationCanceledException)
        {
            // We stop; the caller ends the new process.
        }
    }

    private async Task<bool> EndsBeforeStopAsync()
    {
        await Task.WhenAny(process.Ended, Task.Delay(Timeout.InfiniteTimeSpan, time, stopping.Token));
        return !stopping.IsCancellationRequested;
    }

    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }

    /// <summary>True once the server serves; false when it ended first or did not answer in time.</summary>
    private async Task<bool> ServesAsync(CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        var loading = false;
        while (!process.Ended.IsCompleted)
        {
            var state = await RedisProbe.AskAsync(home.EndPoint, home.Password, time, stop);
            if (state == RedisState.Ready)
            {
                logger.RedisStarted(program.Name, program.Version, process.Id, home.Directory);
                return true;
            }

            if (state == RedisState.Loading && !loading) logger.RedisLoading();
            loading |= state == RedisState.Loading;
            if (!loading && time.GetElapsedTime(begin) > AnswerLimit) return false;
            await Task.Delay(ProbeInterval, time, stop);
        }

        return false;
    }

    private static async Task<RedisProcess> StartProcessAsync(RedisProgram program, RedisHome home, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        await UnfinishedTransaction.CutAsync(program, home, Said, time, stop);
        home.Starts();
        return await RedisProcess.StartAsync(program, home.ConfigFile, [], Said);

        void Said(string line)
        {
            var (message, isWarning) = RedisLogLine.Read(line);
            if (isWarning) logger.RedisWarned(message);
            else logger.RedisSaid(message);
        }
    }
}
