using System.CommandLine;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Run;

/// <summary><c>wgmonitor run SERVICE</c>: one service in this process, as its own executable runs it. For packages that hold one program.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var service = new Argument<string>("SERVICE") { Description = string.Join(", ", ServiceModules.All.Select(module => module.Name)) };
        service.AcceptOnlyFromAmong([.. ServiceModules.All.Select(module => module.Name)]);
        var config = WgMonitorCommand.ConfigOption();
        var command = new Command("run", "Run one service, which needs a Redis in the configuration; scaled and restarted on its own.") { service, config };
        // For units, not for people: the first help shows what people type, on one screen.
        command.Hidden = true;
        command.SetAction((parsed, stop) =>
        {
            string[] arguments = parsed.GetValue(config) is { } file ? ["--config", file] : [];
            var module = ServiceModules.All.Single(module => module.Name == parsed.GetRequiredValue(service));
            // The host listens to signals itself; what the library says on them must not cut its draining short.
            return WgMonitorHost.RunAsync(arguments, WgMonitorCommand.ReadEnvironment(), parsed.InvocationConfiguration.Error, [module], stop);
        });
        return command;
    }
}
