using System.CommandLine;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Health;

/// <summary><c>wgmonitor health</c>: asks a running <c>wgmonitor up</c> how it is, for health checks where there is no curl.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var live = new Option<bool>("--live") { Description = "Ask whether the process lives, instead of whether it can do its work" };
        var command = new Command("health", "Ask the running process of this configuration whether it can do its work: exit code 0 or 1.") { config, live };
        command.SetAction((parsed, _) => HealthProbe.AskAsync(
            parsed.GetValue(config), parsed.GetValue(live), WgMonitorCommand.ReadEnvironment(),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, ServiceModules.All));
        return command;
    }
}
