using System.CommandLine;
using WgMonitor.Cli.Up;

namespace WgMonitor.Cli.Import;

/// <summary><c>wgmonitor import-legacy</c>: what wireguard-peer-monitoring knew of its peers, from its hashes in Redis, into the event log.</summary>
internal static class ImportLegacyCommand
{
    public static Command Create()
    {
        var (config, dataDirectory) = (WgMonitorCommand.ConfigOption(), UpCommand.DataDirectoryOption());
        var host = new Option<string?>("--host") { Description = "The host whose peers they are, as in its log lines (default: compat.legacy_host)", HelpName = "NAME" };
        var device = new Option<string?>("--interface") { Description = "Their device (default: the only one of collector.interfaces)", HelpName = "NAME" };
        var from = new Option<string?>("--from") { Description = "Where the hashes are, redis://[user[:password]@]host[:port][/db] (default: the Redis of the configuration)", HelpName = "URL" };
        var output = WgMonitorCommand.OutputOption();
        var command = new Command("import-legacy", "Take over what wireguard-peer-monitoring knew of its peers, from its hashes wireguard_peer:N. Run twice, it adds nothing.")
        {
            host, device, from, config, dataDirectory, output,
        };
        // Typed once, by who goes over; the first help has room for what is typed often.
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            var environment = WgMonitorCommand.ReadEnvironment();
            using var signals = new StopSignals(stop);
            var streams = parsed.InvocationConfiguration;
            var run = new ImportLegacyRun(environment, streams.Output, streams.Error, parsed.GetValue(output) == "json", TimeProvider.System);
            return await run.RunAsync(parsed.GetValue(config), UpCommand.DataDirectoryOf(parsed, dataDirectory, environment), parsed.GetValue(host), parsed.GetValue(device), parsed.GetValue(from), signals.Stop);
        });
        return command;
    }
}
