using WgMonitor.Cli.Redis;
using WgMonitor.Collector;
using WgMonitor.Collector.Spool;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Up;

/// <summary>
/// READ THIS FIRST. One run of <c>wgmonitor up</c>: check the configuration, take the data directory, start redis-server, run the services until
/// a signal, let them drain, stop redis-server. With <c>[redis]</c> in the configuration the steps about data and redis-server are left out.
/// </summary>
/// <param name="environment">Of the process.</param>
/// <param name="error">Takes mistakes and the banner; logs go to standard output.</param>
/// <param name="time">Clock.</param>
internal sealed class UpRun(IReadOnlyDictionary<string, string> environment, TextWriter error, TimeProvider time)
{
    /// <summary>Returns 0 after a stop that was asked for, 1 for a failure, 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        if (found.ExitCode != 0)
        {
            foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
            return found.ExitCode;
        }

        try
        {
            return found.Options.Get<RedisOptions>().IsGiven
                ? await RunServicesAsync(found.File, environment, ownRedis: null, stop)
                : await RunWithOwnRedisAsync(found.File, found.Options.Get<CollectorOptions>().Spool, dataDirectory, stop);
        }
        catch (CannotStartException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped before everything had started: as asked for.
            return 0;
        }
    }

    private async Task<int> RunWithOwnRedisAsync(string? configFile, SpoolOptions spool, string dataDirectory, CancellationToken stop)
    {
        using var logging = LoggerFactory.Create(builder => ConsoleLogging.Configure(builder, environment));
        var program = await RedisProgram.FindAsync(environment, stop);
        using var data = DataDirectory.Open(dataDirectory);
        var home = RedisHome.Prepare(data.Path);
        await using var redis = await SupervisedRedis.StartAsync(program, home, logging.CreateLogger<SupervisedRedis>(), time, stop);

        // The services learn of it as they would of any other server.
        var withRedis = new Dictionary<string, string>(environment) { ["WGMONITOR__REDIS__URL"] = home.Url };
        // Beside Redis' own files, lines are safe before Redis has them: what it forgets in a crash is sent again.
        if (spool is { Directory: null, Durability: not Durability.Memory }) withRedis["WGMONITOR__COLLECTOR__SPOOL__DIRECTORY"] = Path.Combine(data.Path, "spool");
        return await RunServicesAsync(configFile, withRedis, $"{program.Name} {program.Version} in {home.Directory}", stop);
    }

    private Task<int> RunServicesAsync(string? configFile, IReadOnlyDictionary<string, string> serviceEnvironment, string? ownRedis, CancellationToken stop)
    {
        string[] arguments = configFile is null ? [] : ["--config", configFile];
        return WgMonitorHost.RunAsync(arguments, serviceEnvironment, error, [.. ServiceModules.All, UpModule.Create(error, ownRedis)], stop);
    }
}
