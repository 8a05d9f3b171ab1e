using StackExchange.Redis;
using WgMonitor.Cli.Demo.Fleet;
using WgMonitor.Cli.Redis;
using WgMonitor.Hosting;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Demo;

/// <summary>
/// READ THIS FIRST. One run of <c>wgmonitor demo</c>: a private directory, a receiver of webhooks, a redis-server of its own unless one was given, the four
/// services in this process, and a fleet that sends them real syslog over loopback. At the end all of it goes, the directory too.
/// </summary>
/// <param name="environment">Of the services, see <see cref="DemoConfiguration"/>.</param>
/// <param name="output">Takes the banner, the story and the alerts.</param>
/// <param name="error">Takes mistakes.</param>
/// <param name="time">Clock.</param>
internal sealed class DemoRun(Dictionary<string, string> environment, TextWriter output, TextWriter error, TimeProvider time)
{
    private readonly DemoScreen screen = new(output, time);

    /// <summary>Returns 0 after a stop that was asked for, 1 for a failure, 78 for a wrong setting of the environment.</summary>
    public async Task<int> RunAsync(FleetStory story, FleetTransport transport, CancellationToken stop)
    {
        var directory = Directory.CreateTempSubdirectory("wgmonitor-demo-").FullName;
        try
        {
            await using var receiver = await AlertReceiver.StartAsync(screen.Alert, stop);
            var configFile = Path.Combine(directory, "config.toml");
            await File.WriteAllTextAsync(configFile, DemoConfiguration.Toml(receiver.Url), stop);
            DemoConfiguration.ChooseAddresses(environment);
            var found = CheckConfig.Inspect(configFile, environment, ServiceModules.All);
            foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
            if (found.ExitCode != 0) return found.ExitCode;
            return found.Options.Get<RedisOptions>().IsGiven
                ? await RunServicesAsync(configFile, story, transport, ownRedis: false, stop)
                : await RunWithOwnRedisAsync(directory, configFile, story, transport, stop);
        }
        catch (CannotStartException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The fleet alone. Returns 0.</summary>
    public async Task<int> SendAsync(FleetStory story, SyslogTarget target, FleetTransport transport, CancellationToken stop)
    {
        screen.Line($"DEMO: {DemoScreen.Fleet(story)} send syslog to {target}. Ctrl-C stops it.");
        using var sender = new FleetSender(target, transport, screen.Fleet, time);
        await sender.RunAsync(story.Steps(), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return 0;
    }

    /// <summary>Removes the keys of demos. Returns 0, 1 when Redis did not answer, 78 for a wrong setting of the environment.</summary>
    public async Task<int> CleanAsync()
    {
        RedisOptions options;
        try
        {
            options = ConfigurationDocument.Parse("", DemoConfiguration.RedisOnly(environment)).Bind([OptionsSection.Of<RedisOptions>("redis")]).Get<RedisOptions>();
        }
        catch (ConfigurationException exception)
        {
            foreach (var problem in exception.Problems) await error.WriteLineAsync(problem.ToString());
            return ConfigurationException.ExitCode;
        }

        if (!options.IsGiven)
        {
            await error.WriteLineAsync("Name the Redis with --redis: a demo with a redis-server of its own leaves nothing to clean.");
            return 1;
        }

        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options.ToConfigurationOptions("wgmonitor-demo"));
            screen.Line($"{await DemoKeys.RemoveAsync(redis)} keys of demos removed.");
            return 0;
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            await error.WriteLineAsync($"Redis did not answer: {exception.Message}");
            return 1;
        }
    }

    private async Task<int> RunWithOwnRedisAsync(string directory, string configFile, FleetStory story, FleetTransport transport, CancellationToken stop)
    {
        using var logging = LoggerFactory.Create(builder => ConsoleLogging.Configure(builder, environment));
        var program = await RedisProgram.FindAsync(environment, stop);
        var home = RedisHome.Prepare(directory);
        await using var redis = await SupervisedRedis.StartAsync(program, home, logging.CreateLogger<SupervisedRedis>(), time, stop);
        environment["WGMONITOR__REDIS__URL"] = home.Url;
        return await RunServicesAsync(configFile, story, transport, ownRedis: true, stop);
    }

    private Task<int> RunServicesAsync(string configFile, FleetStory story, FleetTransport transport, bool ownRedis, CancellationToken stop) =>
        WgMonitorHost.RunAsync(["--config", configFile], environment, error, [.. ServiceModules.All, DemoModule.Create(story, transport, screen, ownRedis)], stop);
}
