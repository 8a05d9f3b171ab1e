using System.CommandLine;
using WgMonitor.Cli.Up;
using WgMonitor.Collector.Sources;
using WgMonitor.Projector.Rebuild;

namespace WgMonitor.Cli.Replay;

/// <summary>
/// <c>wgmonitor replay</c>: peer state made anew from the event log, beside the live state (<see cref="RebuildRun"/>); with a file, its recorded lines go into
/// the log (<see cref="RecordingRun"/>).
/// </summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var dataDirectory = UpCommand.DataDirectoryOption();
        var file = new Argument<string?>("FILE")
        {
            Description = "Recorded kernel or syslog lines to append to the event log; - for standard input. Without it the state is rebuilt",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var format = new Option<RecordFormat>("--format") { Description = "With FILE: auto, syslog, dmesg or journald (journalctl -o export)", HelpName = "FORMAT" };
        var host = new Option<string?>("--host") { Description = "With FILE: the host of lines that name none (default: this machine's name)", HelpName = "NAME" };
        var partition = new Option<int?>("--partition") { Description = "Only this partition", HelpName = "N" };
        var verify = new Option<bool>("--verify") { Description = "Compare and tell; switch nothing" };
        var accept = new Option<bool>("--accept-differences") { Description = "Switch although the rebuilt state differs from the live one" };
        var incomplete = new Option<bool>("--allow-incomplete") { Description = "Switch although trimmed events are missing" };
        var archive = new Option<string?>("--from-archive") { Description = "Take trimmed events from the archive in this directory, in place of the base snapshot", HelpName = "DIR" };
        var rate = new Option<int>("--events-per-second") { Description = "At most so many a partition; 0 for no limit", HelpName = "N", DefaultValueFactory = _ => 0 };
        var finalize = new Option<bool>("--finalize") { Description = "Delete the state kept from before the last rebuild" };
        var rollback = new Option<bool>("--rollback") { Description = "Go back to the state kept from before the last rebuild" };
        var output = WgMonitorCommand.OutputOption();
        var command = new Command("replay", "Rebuild the peers' state from the event log beside the live state, compare, and switch; or append a FILE of recorded lines to the log.")
        {
            file, format, host, config, dataDirectory, partition, archive, verify, accept, incomplete, rate, finalize, rollback, output,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var environment = WgMonitorCommand.ReadEnvironment();
            var step = parsed.GetValue(finalize) ? ReplayStep.Finalize : parsed.GetValue(rollback) ? ReplayStep.RollBack : ReplayStep.Rebuild;
            var options = new RebuildOptions
            {
                VerifyOnly = parsed.GetValue(verify),
                AcceptDifferences = parsed.GetValue(accept),
                AllowIncomplete = parsed.GetValue(incomplete),
                FromArchive = parsed.GetValue(archive),
                EventsPerSecondMax = Math.Max(0, parsed.GetValue(rate)),
            };
            using var signals = new StopSignals(stop);
            var streams = parsed.InvocationConfiguration;
            var json = parsed.GetValue(output) == "json";
            var directory = UpCommand.DataDirectoryOf(parsed, dataDirectory, environment);
            if (parsed.GetValue(file) is { } recording)
            {
                var appending = new RecordingRun(environment, streams.Output, streams.Error, json, TimeProvider.System);
                return await appending.RunAsync(parsed.GetValue(config), directory, recording, parsed.GetValue(format), parsed.GetValue(host), signals.Stop);
            }
            var rebuilding = new RebuildRun(environment, streams.Output, streams.Error, json, TimeProvider.System);
            return await rebuilding.RunAsync(parsed.GetValue(config), directory, parsed.GetValue(partition), step, options, signals.Stop);
        });
        Option[] ofRebuild = [partition, archive, verify, accept, incomplete, rate, finalize, rollback];
        Option[] ofRecording = [format, host];
        command.Validators.Add(result =>
        {
            var isRecording = result.GetValue(file) is not null;
            foreach (var option in (isRecording ? ofRebuild : ofRecording).Where(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} is for a replay {(isRecording ? "without" : "of a")} FILE.");
        });
        return command;
    }
}
