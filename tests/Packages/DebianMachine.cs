using System.Globalization;
using System.Net.Sockets;
using StackExchange.Redis;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;

namespace WgMonitor.Packages;

/// <summary>
/// A Debian that boots its own systemd, in namespaces (systemd-nspawn): no network but its own loopback, and a root that is a copy in memory, so that nothing of it stays.
/// <c>/packages</c> shows the folder of packages, read-only.
/// </summary>
internal sealed class DebianMachine : IAsyncDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(3);

    private readonly ChildProcess container;
    private string leader = "";

    private DebianMachine(ChildProcess container) => this.container = container;

    /// <summary>Boots one and waits until systemd says that all is running.</summary>
    /// <exception cref="InvalidOperationException">The root is missing, or a unit of it failed.</exception>
    public static async Task<DebianMachine> BootAsync()
    {
        var packages = Path.Combine(Repository.Root, "artifacts/packages");
        var root = Path.Combine(packages, "debian-bookworm");
        if (!Directory.Exists(root)) throw new InvalidOperationException($"{root} is missing: tests/Packages/root.sh makes it.");
        var name = $"wgmonitor-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
        var machine = new DebianMachine(ChildProcess.Start(
            Executable.Find("systemd-nspawn", "systemd-container"),
            [
                $"--directory={root}", "--boot", $"--machine={name}", "--volatile=overlay", "--private-network", "--register=no", "--keep-unit", "--console=pipe",
                "--link-journal=no", "--resolv-conf=off", "--timezone=off", $"--bind-ro={packages}:/packages",
            ]));
        try
        {
            await Wait.Until(machine.BootedAsync, "systemd has booted", BootLimit);
            var failed = await machine.AnswersAsync("systemctl --failed --plain --no-legend");
            return failed.Length == 0 ? machine : throw new InvalidOperationException($"Units of a Debian without our package failed: {failed}");
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a shell script as root; what it printed.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public async Task<string> RunAsync(string script)
    {
        var (code, output) = await ScriptAsync(script);
        return code == 0 ? output : throw new InvalidOperationException($"`{script}` ended with {code}:\n{output}\n{await AnswersAsync("journalctl --no-pager -n 60 -u 'wgmonitor*'")}");
    }

    /// <summary>What a script printed, whatever its exit code.</summary>
    public async Task<string> AnswersAsync(string script) => (await ScriptAsync(script)).Output.Trim();

    /// <summary>Waits until a script ends with 0; what it printed then.</summary>
    public async Task<string> UntilAsync(string script)
    {
        var (code, output) = (-1, "");
        try
        {
            await Wait.Until(async () => ((code, output) = await ScriptAsync(script)).Item1 == 0, script, TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{output}\n{await AnswersAsync("systemctl --no-pager status 'wgmonitor*'; journalctl --no-pager -n 60")}");
        }
        return output;
    }

    /// <summary>Writes a file of the machine.</summary>
    public Task WriteAsync(string path, string content) => File.WriteAllTextAsync(InHere(path), content);

    /// <summary>Connects to a Redis that listens on a socket of the machine: a path leads into any network.</summary>
    public Task<ConnectionMultiplexer> ConnectRedisAsync(string socket) => ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { new UnixDomainSocketEndPoint(InHere(socket)) },
        AbortOnConnectFail = false,
        ReconnectRetryPolicy = new ExponentialRetry(100, 1000),
    });

    /// <summary>Powers it off; processes and files of it are gone then.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!container.HasExited)
        {
            container.Terminate();
            try
            {
                await container.ExitAsync(TimeSpan.FromSeconds(100));
            }
            catch (TimeoutException)
            {
                // A second one ends it at once.
                container.Terminate();
                await container.ExitAsync();
            }
        }
        await container.DisposeAsync();
        // What systemd left of its control groups, all of them empty.
        foreach (var payload in new[] { "/sys/fs/cgroup/payload", "/sys/fs/cgroup/systemd/payload", "/sys/fs/cgroup/unified/payload" }.Where(Directory.Exists))
        {
            await using var removal = ChildProcess.Start("find", [payload, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
            await removal.ExitAsync();
        }
    }

    /// <summary>The first child of systemd-nspawn only makes the second, which becomes the container's first process: looked up until systemd answers in it.</summary>
    private async Task<bool> BootedAsync()
    {
        if (container.HasExited) throw new InvalidOperationException($"systemd-nspawn ended: {container.Output}");
        leader = (await File.ReadAllTextAsync($"/proc/{container.Id}/task/{container.Id}/children")).Trim();
        return leader.Length > 0 && !leader.Contains(' ', StringComparison.Ordinal) && await AnswersAsync("systemctl is-system-running") is "running" or "degraded";
    }

    /// <summary>A path of the machine as this process sees it.</summary>
    private string InHere(string path) => $"/proc/{leader}/root{path}";

    private async Task<(int ExitCode, string Output)> ScriptAsync(string script)
    {
        await using var process = ChildProcess.Start(
            "nsenter",
            ["--target", leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "/bin/bash", "-c", script]);
        return (await process.ExitAsync(CommandLimit), process.Output);
    }
}
