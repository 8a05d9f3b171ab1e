using System.Globalization;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// The same lines through rsyslogd with its defaults into the same Redis: <c>imudp</c> to <c>omhiredis</c>. Its <c>template</c> mode runs XADD but cannot carry
/// blanks, so the entry has ten values of the header and no text; its <c>queue</c> mode runs LPUSH of the whole line. Neither reads the kernel's message.
/// </summary>
internal static class RsyslogToRedis
{
    private const string Key = "rsyslog";

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private static readonly (string Name, string Template, string Action)[] Modes =
    [
        ("XADD of the header", $"XADD {Key} * host %hostname% occurred %timereported:::date-rfc3339% received %timegenerated:::date-rfc3339% priority %pri% "
            + "facility %syslogfacility% severity %syslogseverity% program %app-name% process %procid% source %fromhost-ip% input %inputname%", ""),
        ("LPUSH of the line", "%rawmsg%", $"""mode="queue" key="{Key}" """),
    ];

    public static async Task MeasureAsync(Deployment deployment, double[] rates, double seconds)
    {
        Console.WriteLine("\nrsyslogd, imudp to omhiredis:\n");
        Console.WriteLine("| what | asked lines/s | sent lines/s | stored | lost | last stored after s | CPU us a line: rsyslogd | redis | load |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (name, template, action) in Modes)
        {
            using var directory = new TempDirectory();
            var port = FreePort.Udp();
            await using var rsyslogd = await StartAsync(directory, port, $"""
                global(workDirectory="{directory.Path}" net.enableDNS="off")
                module(load="imudp")
                module(load="omhiredis")
                template(name="redis" type="string" string="{template}")
                input(type="imudp" address="127.0.0.1" port="{port}" rcvbufSize="8m")
                action(type="omhiredis" server="{deployment.Redis.Host}" serverport="{deployment.Redis.Port}" template="redis" {action})

                """);
            foreach (var rate in rates)
            {
                await deployment.Database.KeyDeleteAsync(Key);
                if (!await RunAsync(deployment, rsyslogd, port, name, rate, seconds)) break;
            }
            await deployment.Database.KeyDeleteAsync(Key);
        }
    }

    private static async Task<ChildProcess> StartAsync(TempDirectory directory, int port, string configuration)
    {
        var rsyslogd = ChildProcess.Start(Executable.Find("rsyslogd", "rsyslog"), ["-n", "-f", directory.Write("rsyslog.conf", configuration), "-i", directory.File("pid")]);
        await Wait.Until(() => rsyslogd.HasExited || File.ReadLines("/proc/net/udp").Any(line => line.Contains($":{port:X4} ", StringComparison.Ordinal)), "rsyslogd listens");
        return rsyslogd.HasExited ? throw new InvalidOperationException($"rsyslogd did not start:\n{rsyslogd.Output}") : rsyslogd;
    }

    /// <summary>False when lines were lost.</summary>
    private static async Task<bool> RunAsync(Deployment deployment, ChildProcess rsyslogd, int port, string name, double rate, double seconds)
    {
        await using var generator = GeneratorProcess.Start(port, rate, seconds, 0);
        await generator.BegunAsync();
        var (own, redis) = (Machine.CpuSeconds(rsyslogd.Id), Machine.CpuSeconds(deployment.Redis.ProcessId));
        var generated = await generator.EndAsync();
        var (waited, quiet, stored) = (TimeSpan.Zero, TimeSpan.Zero, -1L);
        while (stored < generated.Sent && quiet < Settled)
        {
            var now = await StoredAsync(deployment);
            quiet = now == stored ? quiet + Step : TimeSpan.Zero;
            stored = now;
            if (stored == generated.Sent) break;
            await Task.Delay(Step);
            waited += Step;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {rate:N0} | {generated.Sent / generated.Seconds:N0} | {stored} | {generated.Sent - stored} | {(waited - quiet).TotalSeconds:F2} | {(Machine.CpuSeconds(rsyslogd.Id) - own) / stored * 1e6:F1} | {(Machine.CpuSeconds(deployment.Redis.ProcessId) - redis) / stored * 1e6:F1} | {Machine.Load} |"));
        return stored == generated.Sent;
    }

    private static async Task<long> StoredAsync(Deployment deployment) =>
        (string?)await deployment.Database.ExecuteAsync("TYPE", Key) == "stream" ? await deployment.Database.StreamLengthAsync(Key) : await deployment.Database.ListLengthAsync(Key);
}
