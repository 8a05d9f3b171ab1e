using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>The collector alone with redis: lines/s into the log over each transport, one run of each in turn.</summary>
internal static class Transports
{
    private const long Lines = 400_000;
    private static readonly double[] UdpRates = [60_000, 80_000, 100_000, 120_000, 150_000, 200_000];
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(2);

    public static async Task MeasureAsync(string? only = null)
    {
        using var directory = new TempDirectory();
        using var authority = new TestAuthority();
        var ca = directory.Write("ca.pem", authority.Pem);
        var server = directory.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()));
        Dictionary<string, int> ports = new() { ["tcp"] = FreePort.Tcp(), ["tls"] = FreePort.Tcp(), ["relp"] = FreePort.Tcp() };
        await using var deployment = await Deployment.StartAsync(listeners: string.Concat(ports.Select(port => $"""

            [[collector.listen]]
            protocol = "{port.Key}"
            address = "127.0.0.1:{port.Value}"
            {(port.Key == "tls" ? $"certificate = \"{server}\"" : "")}

            """)));
        await deployment.StopReadersAsync();

        Console.WriteLine("\nCollector and redis alone, one sender where nothing else is said, lines/s into the log\n");
        Console.WriteLine("| transport | lines/s | collector CPU us/line |\n|---|---:|---:|");
        if (only is null or "udp") await UdpAsync(deployment);
        // One RELP sender waits for its window of 128 lines over and over; several share the batches, as a fleet does, where each host has its own.
        (string Protocol, int Senders)[] runs = [("tcp", 1), ("tls", 1), ("relp", 1), ("relp", 4), ("relp", RecordedLines.HostCount)];
        foreach (var (protocol, senders) in runs.Where(run => only is null || run.Protocol == only))
        {
            // The first run warms up.
            await StreamAsync(deployment, protocol, senders, ports[protocol], Lines / 4, ca);
            var (rate, cost) = await StreamAsync(deployment, protocol, senders, ports[protocol], Lines, ca);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {protocol}{(senders > 1 ? $", {senders} senders" : "")} | {rate:N0} | {cost:F2} |"));
        }
    }

    private static async Task UdpAsync(Deployment deployment)
    {
        LoadResult? best = null;
        var step = new LoadStep(deployment, []);
        // The first run warms up.
        await step.RunAsync(UdpRates[0], 2);
        foreach (var rate in UdpRates)
        {
            var result = await step.RunAsync(rate, 4);
            if (result.Lost == 0 && result.Sustained > (best?.Sustained ?? 0)) best = result;
        }
        Console.WriteLine(best is null ? "| udp, nothing lost | none | |"
            : string.Create(CultureInfo.InvariantCulture, $"| udp, nothing lost | {best.Sustained:N0} | {best.Costs[0].MicrosecondsPerLine:F2} |"));
    }

    /// <summary>From the first byte until the last line stands in the log.</summary>
    private static async Task<(double Rate, double Microseconds)> StreamAsync(Deployment deployment, string protocol, int senders, int port, long lines, string ca)
    {
        var (before, cpu) = (await deployment.AppendedAsync(), Machine.CpuSeconds(deployment.Collector.ProcessId));
        await using var generator = ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "WgMonitor.Throughput"), ["stream", protocol, $"{port}", $"{lines}", $"{senders}", ca],
            new Dictionary<string, string?> { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) });
        if (await generator.ExitAsync(GiveUp) != 0) throw new InvalidOperationException($"The generator failed:\n{generator.Output}");
        var ended = Stopwatch.GetTimestamp();
        await Wait.Until(async () => await deployment.AppendedAsync() - before >= lines, "all lines stand in the log", GiveUp);
        var words = generator.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ');
        var seconds = double.Parse(words[2], CultureInfo.InvariantCulture) + Stopwatch.GetElapsedTime(ended).TotalSeconds;
        return (lines / seconds, (Machine.CpuSeconds(deployment.Collector.ProcessId) - cpu) / lines * 1e6);
    }
}
