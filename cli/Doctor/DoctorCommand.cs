using System.CommandLine;
using WgMonitor.Cli.Up;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Doctor;

/// <summary><c>wgmonitor doctor</c>: a checklist of the running product, each failure with the next step. <see cref="Examination"/> says what is looked at.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var config = WgMonitorCommand.ConfigOption();
        var dataDirectory = UpCommand.DataDirectoryOption();
        var wait = new Option<bool>("--wait") { Description = "Look again every 2 seconds and tell what changes, until nothing fails" };
        var output = WgMonitorCommand.OutputOption();
        var command = new Command("doctor", "Check the running product from the configuration to the hosts' lines; say what to do about what fails (exit code 1).") { config, dataDirectory, wait, output };
        command.SetAction(async (parsed, stop) =>
        {
            var environment = WgMonitorCommand.ReadEnvironment();
            var streams = parsed.InvocationConfiguration;
            var found = CheckConfig.Inspect(parsed.GetValue(config), environment, ServiceModules.All);
            foreach (var problem in found.Problems) await streams.Error.WriteLineAsync(problem.ToString());
            if (found.ExitCode != 0) return found.ExitCode;
            using var signals = new StopSignals(stop);
            await using var examination = new Examination(found, UpCommand.DataDirectoryOf(parsed, dataDirectory, environment), TimeProvider.System);
            var report = new DoctorReport(streams.Output, parsed.GetValue(output) == "json");
            return await RunAsync(examination, report, parsed.GetValue(wait), TimeProvider.System, signals.Stop);
        });
        return command;
    }

    /// <summary>Returns 0 when nothing fails, 1 otherwise.</summary>
    private static async Task<int> RunAsync(Examination examination, DoctorReport report, bool wait, TimeProvider time, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var checks = await examination.RunAsync(stop);
                report.Add(checks);
                if (!checks.Any(check => check.State == CheckState.Bad)) return 0;
                if (!wait) return 1;
                await Task.Delay(WaitInterval, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 1;
        }
    }
}
