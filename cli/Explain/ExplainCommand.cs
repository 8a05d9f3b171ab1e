using System.CommandLine;
using System.Text;
using WgMonitor.Collector;
using WgMonitor.Collector.Explain;
using WgMonitor.Events;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Explain;

/// <summary><c>wgmonitor explain LINE</c>: what the collector makes of a line and why, without a service or Redis.</summary>
internal static class ExplainCommand
{
    /// <summary>Stands for lines on standard input.</summary>
    private const string StandardInput = "-";

    public static Command Create()
    {
        var line = new Argument<string>("LINE") { Description = "A line as syslog sends it or as dmesg prints it; - for lines on standard input" };
        var config = WgMonitorCommand.ConfigOption();
        var output = WgMonitorCommand.OutputOption();
        var command = new Command("explain", "Say what the collector makes of a line: its form, its header, the event or the reason why it is none (exit code 1).") { line, config, output };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(line), parsed.GetValue(config), parsed.GetValue(output) == "json", parsed.InvocationConfiguration, TimeProvider.System));
        return command;
    }

    private static int Run(string line, string? configPath, bool json, InvocationConfiguration streams, TimeProvider time)
    {
        var found = CheckConfig.Inspect(configPath, WgMonitorCommand.ReadEnvironment(), ServiceModules.All);
        foreach (var problem in found.Problems) streams.Error.WriteLine(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        var collector = found.Options.Get<CollectorOptions>();
        // Bytes that are no UTF-8 came through the shell as they are; what was typed is UTF-8.
        var lines = line == StandardInput ? ReadLines(Console.OpenStandardInput()) : [Encoding.UTF8.GetBytes(line)];
        var report = new ExplainReport(streams.Output, json);
        foreach (var bytes in lines) report.Add(LineExplanation.Of(bytes.AsSpan(0, Math.Min(bytes.Length, LineExplanation.LineBytesMax)), collector, UnixMicroseconds.Now(time), time));
        report.End();
        return report.AllEvents ? 0 : 1;
    }

    private static IEnumerable<byte[]> ReadLines(Stream input)
    {
        // Latin-1 keeps every byte as it is.
        using var reader = new StreamReader(input, Encoding.Latin1);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0) yield return Encoding.Latin1.GetBytes(line);
        }
    }
}
