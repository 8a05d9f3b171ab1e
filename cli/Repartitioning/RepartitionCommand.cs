using System.CommandLine;
using WgMonitor.Cli.Up;

namespace WgMonitor.Cli.Repartitioning;

/// <summary><c>wgmonitor repartition N</c>: the log and all that hangs on it under another number of partitions, while all services are stopped.</summary>
internal static class RepartitionCommand
{
    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var dataDirectory = UpCommand.DataDirectoryOption();
        var partitions = new Argument<int?>("N") { Description = "The new number of partitions, 1 to 256", Arity = ArgumentArity.ZeroOrOne };
        var abandon = new Option<bool>("--abandon") { Description = "Give up a run that was interrupted while it copied; the log stays as it is" };
        var output = new Option<string>("--output") { Description = "text or json", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("repartition", "Move the event log into another number of partitions. All services must be stopped; interrupted, it can be run again.")
        {
            partitions, config, dataDirectory, abandon, output,
        };
        command.Validators.Add(result =>
        {
            var number = result.GetValue(partitions);
            if (result.GetValue(abandon) == number is not null) result.AddError("Give either N or --abandon.");
            if (number is < 1 or > 256) result.AddError("N must be 1 to 256.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var environment = WgMonitorCommand.ReadEnvironment();
            using var signals = new StopSignals(stop);
            var streams = parsed.InvocationConfiguration;
            var run = new RepartitionRun(environment, streams.Output, streams.Error, parsed.GetValue(output) == "json", TimeProvider.System);
            return await run.RunAsync(parsed.GetValue(config), UpCommand.DataDirectoryOf(parsed, dataDirectory, environment), parsed.GetValue(partitions), signals.Stop);
        });
        return command;
    }
}
