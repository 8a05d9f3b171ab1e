using System.CommandLine;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.CheckConfiguration;

/// <summary><c>wgmonitor check-config</c>: the configuration through the loader of the services, without starting anything.</summary>
internal static class CheckConfigCommand
{
    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var output = WgMonitorCommand.OutputOption();
        var offline = new Option<bool>("--offline") { Description = "For scripts that want to be sure: this check never touches the network, with or without it" };
        var command = new Command("check-config", "Check the configuration; print the effective settings or every mistake (exit code 78).") { config, output, offline };
        command.SetAction(parsed => parsed.GetValue(output) == "json"
            ? PrintJson(parsed.GetValue(config), parsed.InvocationConfiguration.Output)
            : PrintText(parsed.GetValue(config), parsed.InvocationConfiguration));
        return command;
    }

    private static int PrintText(string? path, InvocationConfiguration streams)
    {
        var result = CheckConfig.Run(path, WgMonitorCommand.ReadEnvironment(), ServiceModules.All);
        var writer = result.ExitCode == 0 ? streams.Output : streams.Error;
        foreach (var line in result.Lines) writer.WriteLine(line);
        return result.ExitCode;
    }

    private static int PrintJson(string? path, TextWriter output)
    {
        var found = CheckConfig.Inspect(path, WgMonitorCommand.ReadEnvironment(), ServiceModules.All);
        output.WriteLine(ConfigurationReportJson.Of(found));
        return found.ExitCode;
    }
}
