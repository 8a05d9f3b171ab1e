using System.Runtime.InteropServices;
using WgMonitor.Testing;

namespace WgMonitor.EndToEnd.Tests;

/// <summary>Starts the built <c>wgmonitor</c>, or a service, as a process of its own, in a directory of the test's and with nothing of the surrounding configuration.</summary>
internal static class WgMonitorProgram
{
    public static ChildProcess Start(string workingDirectory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string program = "wgmonitor")
    {
        var all = new Dictionary<string, string?>
        {
            ["CONFIG_FILE"] = null,
            ["WGMONITOR_DATA_DIR"] = null,
            ["LOG_LEVEL"] = "debug",
            // Tests change PATH; the program must find its runtime all the same.
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) all[name] = value;
        return ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, program), arguments, all, workingDirectory);
    }

    /// <summary>Runs it to its end, which must come by itself.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string workingDirectory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using var process = Start(workingDirectory, arguments, environment);
        var exitCode = await process.ExitAsync();
        return (exitCode, process.StandardOutput, process.StandardError);
    }
}
