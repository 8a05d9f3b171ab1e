using Microsoft.Extensions.Options;
using WgMonitor.Archive;
using WgMonitor.Cli.Redis;
using WgMonitor.Hosting;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Replay;

/// <summary>What to do with the generations of the state.</summary>
internal enum ReplayStep
{
    Rebuild,
    Finalize,
    RollBack,
}

/// <summary>
/// One run of <c>wgmonitor replay</c>: configuration → Redis, the one of a running <c>wgmonitor up</c> where none is configured → partition by partition.
/// Everything else goes on meanwhile; it can be ended at any time and run again.
/// </summary>
internal sealed class RebuildRun(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, bool json, TimeProvider time)
{
    /// <summary>Returns 0; 1 when a partition could not be rebuilt, differs, or is incomplete; 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, int? partition, ReplayStep step, RebuildOptions options, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        var stream = found.Options.Get<StreamOptions>();
        if (partition is < 0 || partition >= stream.Partitions)
        {
            await error.WriteLineAsync($"There is no partition {partition}: stream.partitions is {stream.Partitions}.");
            return 1;
        }

        if (options.FromArchive is { } directory && !Directory.Exists(directory))
        {
            await error.WriteLineAsync($"There is no directory {directory}: --from-archive takes the one of [archive] directory, or a copy of it.");
            return 1;
        }

        try
        {
            await using var redis = await RunningRedis.ConnectAsync(found.Options.Get<RedisOptions>(), dataDirectory, "wgmonitor-replay");
            await new StreamTopology(redis, new StreamKeys(stream.Prefix), Options.Create(stream), time).EnsureAsync(stop);
            var rebuild = PartitionRebuild.Create(redis, stream, found.Options.Get<StateOptions>(), time);
            var report = new ReplayReport(output, json);
            for (var number = partition ?? 0; number <= (partition ?? stream.Partitions - 1); number++)
            {
                if (step == ReplayStep.Rebuild) report.Add(await rebuild.RunAsync(number, options, stop));
                else report.Add(number, step, step == ReplayStep.Finalize ? await rebuild.FinalizeAsync(number, stop) : await rebuild.RollBackAsync(number, stop));
            }
            report.End();
            return report.IsGood ? 0 : 1;
        }
        catch (Exception exception) when (exception is CannotStartException or RebuildRefusedException or ArchiveDamagedException)
        {
            await error.WriteLineAsync(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"The archive cannot be read: {exception.Message} The live state is as it was.");
        }
        catch (StreamTopologyException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ConfigurationException.ExitCode;
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is PartitionClaimException)
        {
            await error.WriteLineAsync($"Redis did not let it finish: {exception.Message} Run it again: it goes on where it stopped, and the live state is as it was.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("Stopped. Run it again to go on; the live state is as it was.");
        }
        return 1;
    }
}
