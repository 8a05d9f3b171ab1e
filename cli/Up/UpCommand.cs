using System.CommandLine;

namespace WgMonitor.Cli.Up;

/// <summary><c>wgmonitor up</c>: everything in one process. <see cref="UpRun"/> says in which order.</summary>
internal static class UpCommand
{
    /// <summary>Names the data directory where <c>--data-dir</c> is not given.</summary>
    public const string DataDirectoryVariable = "WGMONITOR_DATA_DIR";

    private const string DataDirectoryDefault = "data";

    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var dataDirectory = DataDirectoryOption();
        var command = new Command("up", "Run all services in one process, with an own redis-server unless [redis] names one.") { config, dataDirectory };
        command.SetAction(async (parsed, stop) =>
        {
            var environment = WgMonitorCommand.ReadEnvironment();
            var directory = DataDirectoryOf(parsed, dataDirectory, environment);
            using var signals = new StopSignals(stop);
            return await new UpRun(environment, parsed.InvocationConfiguration.Error, TimeProvider.System).RunAsync(parsed.GetValue(config), directory, signals.Stop);
        });
        return command;
    }

    /// <summary><c>--data-dir DIR</c>.</summary>
    public static Option<string?> DataDirectoryOption() => new("--data-dir")
    {
        Description = $"Where the own redis-server keeps its data (default: ${DataDirectoryVariable}, else ./{DataDirectoryDefault})",
        HelpName = "DIR",
    };

    /// <summary>The directory meant: by the option, by the environment, or the default.</summary>
    public static string DataDirectoryOf(ParseResult parsed, Option<string?> option, IReadOnlyDictionary<string, string> environment) =>
        parsed.GetValue(option) ?? (environment.TryGetValue(DataDirectoryVariable, out var named) && named.Length > 0 ? named : DataDirectoryDefault);
}
