using System.CommandLine;
using WgMonitor.Cli.Up;
using WgMonitor.Projector.Rebuild;

namespace WgMonitor.Cli.Replay;

/// <summary><c>wgmonitor replay</c>: peer state made anew from the event log, beside the live state. <see cref="ReplayRun"/> does it.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var dataDirectory = UpCommand.DataDirectoryOption();
        var partition = new Option<int?>("--partition") { Description = "Only this partition", HelpName = "N" };
        var verify = new Option<bool>("--verify") { Description = "Compare and tell; switch nothing" };
        var accept = new Option<bool>("--accept-differences") { Description = "Switch although the rebuilt state differs from the live one" };
        var incomplete = new Option<bool>("--allow-incomplete") { Description = "Switch although trimmed events are in no base snapshot" };
        var rate = new Option<int>("--events-per-second") { Description = "At most so many a partition; 0 for no limit", HelpName = "N", DefaultValueFactory = _ => 0 };
        var finalize = new Option<bool>("--finalize") { Description = "Delete the state kept from before the last rebuild" };
        var rollback = new Option<bool>("--rollback") { Description = "Go back to the state kept from before the last rebuild" };
        var output = new Option<string>("--output") { Description = "text or json", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("replay", "Rebuild the peers' state from the event log beside the live state, compare, and switch.")
        {
            config, dataDirectory, partition, verify, accept, incomplete, rate, finalize, rollback, output,
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
                EventsPerSecondMax = Math.Max(0, parsed.GetValue(rate)),
            };
            using var signals = new StopSignals(stop);
            var streams = parsed.InvocationConfiguration;
            var run = new ReplayRun(environment, streams.Output, streams.Error, parsed.GetValue(output) == "json", TimeProvider.System);
            return await run.RunAsync(parsed.GetValue(config), UpCommand.DataDirectoryOf(parsed, dataDirectory, environment), parsed.GetValue(partition), step, options, signals.Stop);
        });
        return command;
    }
}
