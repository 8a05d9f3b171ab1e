using Microsoft.Extensions.Logging.Console;
using WgMonitor.Cli.Redis;
using WgMonitor.Collector;
using WgMonitor.Collector.Sources;
using WgMonitor.Hosting;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Replay;

/// <summary>
/// One run of <c>wgmonitor replay FILE</c>: recorded lines into the event log, by the collector's own steps (<see cref="RecordedLines"/>), beside a collector that
/// runs or not. It ends when everything stands in Redis.
/// </summary>
internal sealed class RecordingRun(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, bool json, TimeProvider time)
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Returns 0 when all that was read stands in Redis; 1 when it could not be read to its end or not be appended; 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, string file, RecordFormat format, string? host, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        try
        {
            await using var input = Open(file);
            await using var redis = await RunningRedis.ConnectAsync(found.Options.Get<RedisOptions>(), dataDirectory, "wgmonitor-replay");
            // The counts go to standard output.
            using var logging = LoggerFactory.Create(builder =>
            {
                ConsoleLogging.Configure(builder, environment);
                builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            });
            var lines = RecordedLines.Create(
                redis, found.Options.Get<CollectorOptions>(), found.Options.Get<StreamOptions>(), host ?? Environment.MachineName, time, new Random(), logging.CreateLogger<RecordedLines>());
            if (lines is null)
            {
                await error.WriteLineAsync(WgMonitorCommand.NoHostName(host ?? Environment.MachineName));
                return 1;
            }
            var counts = await lines.RunAsync(input, format, stop);
            RecordingReport.Write(output, counts, json);
            if (counts.Lost > 0) await error.WriteLineAsync($"Stopped while Redis did not take them: {counts.Lost} events are not in the log.");
            // A pipe that goes on for ever ends by being stopped.
            if (counts.Stopped && file != StandardInput) await error.WriteLineAsync("Stopped before the end. A second run appends what was read once more.");
            return counts.Lost > 0 || (counts.Stopped && file != StandardInput) ? 1 : 0;
        }
        catch (CannotStartException exception)
        {
            await error.WriteLineAsync(exception.Message);
        }
        catch (StreamTopologyException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ConfigurationException.ExitCode;
        }
        catch (InvalidDataException exception)
        {
            await error.WriteLineAsync($"{file} {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"{file} cannot be read: {exception.Message}");
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            await error.WriteLineAsync($"Redis cannot be used: {exception.Message} Nothing was appended.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("Stopped before the first line.");
        }
        return 1;
    }

    // Unbuffered: what a pipe holds is read at once.
    private static Stream Open(string file) => file == StandardInput
        ? Console.OpenStandardInput()
        : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
