using System.Collections;
using System.CommandLine;
using WgMonitor.Cli.CheckConfiguration;
using WgMonitor.Cli.Completion;
using WgMonitor.Cli.Demo;
using WgMonitor.Cli.Doctor;
using WgMonitor.Cli.Explain;
using WgMonitor.Cli.Health;
using WgMonitor.Cli.Import;
using WgMonitor.Cli.Manual;
using WgMonitor.Cli.Parked;
using WgMonitor.Cli.Repartitioning;
using WgMonitor.Cli.Replay;
using WgMonitor.Cli.Run;
using WgMonitor.Cli.Setup;
using WgMonitor.Cli.ShowConfiguration;
using WgMonitor.Cli.Up;

namespace WgMonitor.Cli;

/// <summary>The command line of <c>wgmonitor</c>: which commands there are. Each command's own file says what it takes and does.</summary>
internal static class WgMonitorCommand
{
    /// <summary>Runs the command that the arguments name. Returns its exit code; 1 for arguments that name none.</summary>
    public static Task<int> InvokeAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        // Left out of the first help only: the library would print nothing of it either when asked for its own.
        parsed.CommandResult.Command.Hidden = false;
        return parsed.InvokeAsync(new()
        {
            // The library would end the process 2 s after SIGTERM; draining takes longer, and the commands listen to signals themselves.
            ProcessTerminationTimeout = null,
            // A bug ends the process with its stack trace, as in every service.
            EnableDefaultExceptionHandler = false,
        });
    }

    /// <summary>All commands.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("Watches WireGuard peers through the lines that the Linux kernel logs about them.")
        {
            UpCommand.Create(),
            RunCommand.Create(),
            DemoCommand.Create(),
            CheckConfigCommand.Create(),
            ConfigCommand.Create(),
            ReplayCommand.Create(),
            ExplainCommand.Create(),
            DoctorCommand.Create(),
            HealthCommand.Create(),
            ParkedCommand.Create(),
            RepartitionCommand.Create(),
            ImportLegacyCommand.Create(),
            SetupCommand.Create(),
        };
        // These two describe the others.
        root.Add(CompletionCommand.Create(root));
        root.Add(ManualCommand.Create(root));
        return root;
    }

    /// <summary><c>--config FILE</c> as every service has it.</summary>
    public static Option<string?> ConfigOption() => new("--config", "-c")
    {
        Description = "TOML configuration (default: $CONFIG_FILE, else ./config.toml if present, else built-in defaults)",
        HelpName = "FILE",
    };

    /// <summary>What is said of a <c>--host</c> that can be none.</summary>
    public static string NoHostName(string host) => $"\"{host}\" is no host name: --host takes 1 to 255 letters, digits and . - _, or an address.";

    /// <summary><c>--output text|json</c>.</summary>
    public static Option<string> OutputOption()
    {
        var output = new Option<string>("--output") { Description = "text or json", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        return output;
    }

    /// <summary>The environment of this process.</summary>
    public static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => entry.Value as string ?? "");
}
