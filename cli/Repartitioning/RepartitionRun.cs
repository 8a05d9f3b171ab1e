using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Cli.Redis;
using WgMonitor.Cli.Up;
using WgMonitor.Collector;
using WgMonitor.Hosting;
using WgMonitor.Projector.Repartition;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Repartitioning;

/// <summary>
/// One run of <c>wgmonitor repartition</c>: configuration → Redis, where none is configured the own redis-server of <c>wgmonitor up</c>, which is started for the
/// time → repartition.
/// </summary>
internal sealed class RepartitionRun(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, bool json, TimeProvider time)
{
    /// <summary>Returns 0; 1 when it was refused or did not finish; 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, int? partitions, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        try
        {
            var options = found.Options.Get<RedisOptions>();
            if (options.IsGiven) return await RunAsync(options, found.Options, partitions, stop);
            using var logging = LoggerFactory.Create(builder => ConsoleLogging.Configure(builder, environment));
            var program = await RedisProgram.FindAsync(environment, stop);
            using var data = DataDirectory.Open(dataDirectory);
            var home = RedisHome.Prepare(data.Path);
            await using var own = await SupervisedRedis.StartAsync(program, home, logging.CreateLogger<SupervisedRedis>(), time, stop);
            return await RunAsync(new() { Url = new Uri(home.Url) }, found.Options, partitions, stop);
        }
        catch (Exception exception) when (exception is CannotStartException or RepartitionRefusedException)
        {
            await error.WriteLineAsync(exception.Message);
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is PartitionClaimException)
        {
            await error.WriteLineAsync($"Redis did not let it finish: {exception.Message} Run it again: it goes on where it can, and nothing is lost.");
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Stopped. Run it again to go on; no service starts until then.");
        }
        return 1;
    }

    private async Task<int> RunAsync(RedisOptions options, BoundOptions bound, int? partitions, CancellationToken stop)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options.ToConfigurationOptions("wgmonitor-repartition"));
        var repartition = new Repartition(redis, bound.Get<StreamOptions>(), bound.Get<StateOptions>(), time);
        if (partitions is not { } number)
        {
            var given = await repartition.AbandonAsync(stop);
            await output.WriteLineAsync(given ? "Given up: the log is as it was, and services start." : "There is nothing to give up.");
            return 0;
        }
        var silence = bound.Get<CollectorOptions>().StatusInterval * 2 + TimeSpan.FromSeconds(1);
        var report = await repartition.RunAsync(number, silence, stop);
        if (report is null) await output.WriteLineAsync($"The log has {number} partitions already.");
        else if (json) await output.WriteLineAsync(JsonSerializer.Serialize(report, CliJson.Readable));
        else await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.From} partitions are {report.To} now: {report.Events} events ({report.EventsRenumbered} with another ID), {report.Hosts} hosts compared, {report.Alerts} alerts. Set stream.partitions = {report.To} everywhere."));
        return 0;
    }
}
