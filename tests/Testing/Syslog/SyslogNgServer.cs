using System.Runtime.InteropServices;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>
/// A real syslog-ng of the test's own that reads kernel lines from a pipe, as it reads /proc/kmsg of a VPN host, and sends them on. Debian's package, unpacked
/// by tests/prerequisites.sh under artifacts/syslog-ng, because it cannot be installed beside rsyslog.
/// </summary>
public sealed partial class SyslogNgServer : IAsyncDisposable
{
    private readonly TempDirectory directory;
    private readonly ChildProcess process;
    private readonly FileStream input;

    private SyslogNgServer(TempDirectory directory, ChildProcess process, FileStream input) => (this.directory, this.process, this.input) = (directory, process, input);

    /// <summary>Its own messages until now.</summary>
    public string Log => process.Output;

    /// <summary>Starts it; lines written at once are not lost.</summary>
    /// <param name="destination">A driver of syslog-ng's configuration: <c>network("127.0.0.1" port(9999) transport("udp"))</c>.</param>
    /// <exception cref="InvalidOperationException">It is not there or refuses its configuration.</exception>
    public static async Task<SyslogNgServer> StartAsync(string destination)
    {
        string root = Path.GetFullPath(Path.Combine(Corpus.PackedFolder, "../../artifacts/syslog-ng"));
        string program = Path.Combine(root, "usr/sbin/syslog-ng");
        if (!System.IO.File.Exists(program))
            throw new InvalidOperationException($"{program} is missing; tests/prerequisites.sh fetches it, and `make test` runs that.");

        var directory = new TempDirectory();
        string pipe = directory.File("kmsg");
        if (MakeFifo(pipe, 0x180) != 0)
            throw new IOException($"mkfifo {pipe}: error {Marshal.GetLastPInvokeError()}");
        var input = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        string configuration = directory.Write("syslog-ng.conf", $$"""
            @version: 3.38
            options { use-dns(no); dns-cache(no); keep-hostname(yes); stats-freq(0); time-reopen(1); };
            source kernel { pipe("{{pipe}}" program-override("kernel") host-override("vpn-01") flags(kernel)); };
            destination collector { {{destination}}; };
            log { source(kernel); destination(collector); flags(flow-control); };

            """);
        var process = ChildProcess.Start(
            program,
            [
                "--foreground", "--stderr", "--no-caps", "--cfgfile", configuration, "--persist-file", directory.File("persist"), "--control", directory.File("control"),
                "--pidfile", directory.File("pid"), "--module-path", Path.Combine(root, "usr/lib/syslog-ng/3.38"),
            ],
            Libraries(root));
        await process.OutputHas("starting up");
        return new SyslogNgServer(directory, process, input);
    }

    /// <summary>Has syslog-ng check a configuration (<c>--syntax-only</c>). Returns its exit code and what it says.</summary>
    public static async Task<(int ExitCode, string Output)> CheckAsync(string configurationFile)
    {
        string root = Path.GetFullPath(Path.Combine(Corpus.PackedFolder, "../../artifacts/syslog-ng"));
        await using var process = ChildProcess.Start(
            Path.Combine(root, "usr/sbin/syslog-ng"),
            ["--syntax-only", "--no-caps", "--cfgfile", configurationFile, "--module-path", Path.Combine(root, "usr/lib/syslog-ng/3.38")],
            Libraries(root));
        return (await process.ExitAsync(), process.Output);
    }

    private static Dictionary<string, string?> Libraries(string root) => new()
    {
        ["LD_LIBRARY_PATH"] = string.Join(':', new[] { "usr/lib/syslog-ng", $"usr/lib/{Triplet}", $"lib/{Triplet}" }.Select(folder => Path.Combine(root, folder))),
        ["TZ"] = "UTC",
    };

    private static string Triplet => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    /// <summary>Writes lines (without line feeds) as /proc/kmsg gives them, <c>&lt;7&gt;[   90.246220] wireguard: ...</c>, in order.</summary>
    /// <exception cref="TimeoutException">It stopped reading.</exception>
    public async Task WriteAsync(IEnumerable<string> lines, Pace pace = default)
    {
        PaceMeter meter = pace.Start();
        foreach (string line in lines)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
            await Task.Run(() => input.Write(bytes)).WaitAsync(Wait.LimitDefault);
            await meter.AfterAsync(bytes.Length, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        await input.DisposeAsync();
        directory.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFifo(string path, uint mode);
}
