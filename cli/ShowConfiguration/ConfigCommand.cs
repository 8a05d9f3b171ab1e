using System.CommandLine;
using System.Text.Json;
using WgMonitor.Cli.CheckConfiguration;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.ShowConfiguration;

/// <summary><c>wgmonitor config show</c>: the effective settings through the loader of the services. Secrets are never shown.</summary>
internal static class ConfigCommand
{
    private const string DefaultOrigin = "default";

    public static Command Create() => new("config", "Look at the configuration.") { Show() };

    private static Command Show()
    {
        var config = WgMonitorCommand.ConfigOption();
        var origin = new Option<bool>("--origin") { Description = "Say where each value comes from: FILE:LINE:COLUMN, an environment variable, or default" };
        var changed = new Option<bool>("--changed") { Description = "Only what is not the default" };
        var output = WgMonitorCommand.OutputOption();
        var command = new Command("show", "Print the effective settings, secrets as <secret>; every mistake instead where there are any (exit code 78).") { config, origin, changed, output };
        command.SetAction(parsed =>
        {
            var streams = parsed.InvocationConfiguration;
            var found = CheckConfig.Inspect(parsed.GetValue(config), WgMonitorCommand.ReadEnvironment(), ServiceModules.All);
            foreach (var problem in found.Problems) streams.Error.WriteLine(problem.ToString());
            if (found.ExitCode != 0) return found.ExitCode;
            var settings = ConfigurationReport.Settings(found.Options).Where(setting => !parsed.GetValue(changed) || setting.Origin.ToString() != DefaultOrigin);
            if (parsed.GetValue(output) == "json")
            {
                streams.Output.WriteLine(JsonSerializer.Serialize(settings.Select(setting => new SettingJson(setting.Key, setting.Value, setting.Origin.ToString())), CliJson.Readable));
                return 0;
            }

            foreach (var setting in settings) streams.Output.WriteLine(parsed.GetValue(origin) || setting.Value.Length == 0 ? setting.ToString() : $"{setting.Key} = {setting.Value}");
            return 0;
        });
        return command;
    }
}
