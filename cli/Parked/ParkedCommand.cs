using System.CommandLine;
using WgMonitor.Cli.Up;

namespace WgMonitor.Cli.Parked;

/// <summary><c>wgmonitor parked list|retry|discard</c>: the entries of the log that projector or notifier could not apply and put aside.</summary>
internal static class ParkedCommand
{
    public static Command Create() => new("parked", "Entries of the event log that could not be applied and were put aside: list them, retry them after an upgrade, or discard them.")
    {
        List(), Take(ParkedStep.Retry, "Append parked entries to the log again, at its end; each is applied once by whoever had put it aside."),
        Take(ParkedStep.Discard, "Give parked entries up; they are never applied, by no rebuild either. With --all, also take note of those that are lost."),
    };

    private static Command List()
    {
        var partition = Partition();
        var output = WgMonitorCommand.OutputOption();
        var (config, dataDirectory) = (WgMonitorCommand.ConfigOption(), UpCommand.DataDirectoryOption());
        var command = new Command("list", "Show parked entries: who could not apply them, why, and what they say.") { config, dataDirectory, partition, output };
        command.SetAction((parsed, stop) => RunAsync(parsed, config, dataDirectory, partition, output, ParkedStep.List, null, stop));
        return command;
    }

    private static Command Take(ParkedStep step, string description)
    {
        var id = new Argument<string?>("ID") { Description = "Stream ID of the entry as `list` shows it", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All parked entries" };
        var partition = Partition();
        var output = WgMonitorCommand.OutputOption();
        var (config, dataDirectory) = (WgMonitorCommand.ConfigOption(), UpCommand.DataDirectoryOption());
        var command = new Command(step == ParkedStep.Retry ? "retry" : "discard", description) { id, all, config, dataDirectory, partition, output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(id) is not null) result.AddError("Give either ID or --all.");
        });
        command.SetAction((parsed, stop) => RunAsync(parsed, config, dataDirectory, partition, output, step, parsed.GetValue(id), stop));
        return command;
    }

    private static Option<int?> Partition() => new("--partition") { Description = "Only this partition", HelpName = "N" };

    private static async Task<int> RunAsync(
        ParseResult parsed, Option<string?> config, Option<string?> dataDirectory, Option<int?> partition, Option<string> output, ParkedStep step, string? id, CancellationToken stop)
    {
        var environment = WgMonitorCommand.ReadEnvironment();
        using var signals = new StopSignals(stop);
        var streams = parsed.InvocationConfiguration;
        var run = new ParkedRun(environment, streams.Output, streams.Error, parsed.GetValue(output) == "json", TimeProvider.System);
        return await run.RunAsync(parsed.GetValue(config), UpCommand.DataDirectoryOf(parsed, dataDirectory, environment), step, id, parsed.GetValue(partition), signals.Stop);
    }
}
