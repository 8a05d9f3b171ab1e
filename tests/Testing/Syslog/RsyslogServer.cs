using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>What a <see cref="RsyslogServer"/> reads.</summary>
public enum RsyslogInput
{
    /// <summary><c>imklog</c>, Debian's kernel input, on a pipe instead of /proc/kmsg. Lines as /proc/kmsg gives them: <c>&lt;7&gt;[   90.246220] wireguard: ...</c>.</summary>
    KernelLog,

    /// <summary><c>imfile</c> on a growing file, with facility kern, severity debug and tag <c>kernel:</c>. Lines without priority.</summary>
    File,

    /// <summary><c>imtcp</c>: a relay that passes on what other hosts sent, with their names and times. Whole octet-counted syslog messages.</summary>
    Relay,
}

/// <summary>
/// A real rsyslogd of the test's own that forwards kernel lines, as a VPN host would. The test paces what it writes; UDP has no
/// other brake.
/// </summary>
public sealed partial class RsyslogServer : IAsyncDisposable
{
    private readonly TempDirectory directory;
    private readonly ChildProcess process;
    private readonly Stream input;

    private RsyslogServer(TempDirectory directory, ChildProcess process, Stream input) =>
        (this.directory, this.process, this.input) = (directory, process, input);

    /// <summary>Its own complaints until now; empty when all is well.</summary>
    public string Log => process.Output;

    /// <summary>Starts rsyslogd; lines written at once are not lost.</summary>
    /// <exception cref="InvalidOperationException">rsyslogd is missing or refuses its configuration.</exception>
    public static async Task<RsyslogServer> StartAsync(
        int receiverPort,
        SyslogTemplate template = SyslogTemplate.TraditionalForward,
        string hostname = "vpn-01",
        RsyslogInput source = RsyslogInput.KernelLog,
        string receiverAddress = "127.0.0.1",
        RsyslogForward? forward = null)
    {
        forward ??= RsyslogForward.Udp;
        if (source == RsyslogInput.Relay) return await StartRelayAsync(receiverPort, template, hostname, receiverAddress, forward);
        var directory = new TempDirectory();
        string inputPath = directory.File(source == RsyslogInput.KernelLog ? "kmsg" : "kern.log");
        if (source == RsyslogInput.KernelLog && MakeFifo(inputPath, 0x180) != 0)
            throw new IOException($"mkfifo {inputPath}: error {Marshal.GetLastPInvokeError()}");

        // Open for reading too: a pipe opened only for writing would wait for rsyslogd here, for ever if that does not start.
        var input = new FileStream(
            inputPath,
            source == RsyslogInput.KernelLog ? FileMode.Open : FileMode.Create,
            FileAccess.ReadWrite,
            FileShare.ReadWrite,
            bufferSize: 0);
        string reader = source == RsyslogInput.KernelLog
            ? $"""module(load="imklog" logPath="{inputPath}")"""
            : $"""
              module(load="imfile" mode="inotify")
              input(type="imfile" File="{inputPath}" Tag="kernel:" Facility="kern" Severity="debug")
              """;
        var process = await StartProcessAsync(directory, reader, hostname, receiverAddress, receiverPort, template, forward);
        return new RsyslogServer(directory, process, input);
    }

    /// <summary>One that reads kernel lines from a pipe and is otherwise configured by a drop-in, as by a file in /etc/rsyslog.d.</summary>
    public static async Task<RsyslogServer> StartWithDropInAsync(string dropIn, string hostname = "vpn-01")
    {
        var directory = new TempDirectory();
        string pipe = directory.File("kmsg");
        if (MakeFifo(pipe, 0x180) != 0)
            throw new IOException($"mkfifo {pipe}: error {Marshal.GetLastPInvokeError()}");
        var input = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var process = await StartProcessAsync(directory, $"""
            global(workDirectory="{directory.Path}" localHostname="{hostname}")
            module(load="imklog" logPath="{pipe}")
            {dropIn}

            """);
        return new RsyslogServer(directory, process, input);
    }

    private static async Task<RsyslogServer> StartRelayAsync(int receiverPort, SyslogTemplate template, string hostname, string receiverAddress, RsyslogForward forward)
    {
        var directory = new TempDirectory();
        int port = FreePort.Tcp();
        string reader = $"""
            module(load="imtcp")
            input(type="imtcp" address="127.0.0.1" port="{port}")
            """;
        var process = await StartProcessAsync(directory, reader, hostname, receiverAddress, receiverPort, template, forward);
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new RsyslogServer(directory, process, client.GetStream());
    }

    private static Task<ChildProcess> StartProcessAsync(
        TempDirectory directory, string reader, string hostname, string receiverAddress, int receiverPort, SyslogTemplate template, RsyslogForward forward) =>
        StartProcessAsync(directory, Configuration(directory.Path, reader, hostname, receiverAddress, receiverPort, template, forward));

    private static async Task<ChildProcess> StartProcessAsync(TempDirectory directory, string text)
    {
        string configuration = directory.Write("rsyslog.conf", text);
        string pidFile = directory.File("rsyslogd.pid");
        var process = ChildProcess.Start(
            Executable.Find("rsyslogd", "rsyslog"),
            ["-n", "-f", configuration, "-i", pidFile],
            new Dictionary<string, string?> { ["TZ"] = "UTC" });

        await Wait.Until(() => process.HasExited || System.IO.File.Exists(pidFile), "rsyslogd writes its pid file");
        if (!process.HasExited)
            return process;
        await process.ExitAsync();
        string log = process.Output;
        await process.DisposeAsync();
        directory.Dispose();
        throw new InvalidOperationException($"rsyslogd did not start. Its output:\n{log}");
    }

    /// <summary>Writes lines (without line feeds) into rsyslogd's input, in order.</summary>
    /// <exception cref="TimeoutException">rsyslogd stopped reading.</exception>
    public async Task WriteAsync(IEnumerable<string> lines, Pace pace = default, CancellationToken cancellationToken = default)
    {
        PaceMeter meter = pace.Start();
        foreach (string line in lines)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
            // A full pipe blocks the write: that is the back-pressure wanted, but not for ever.
            await Task.Run(() => input.Write(bytes), cancellationToken).WaitAsync(Wait.LimitDefault, cancellationToken);
            await meter.AfterAsync(bytes.Length, cancellationToken);
        }
    }

    /// <summary>Writes whole syslog messages to a relay, octet-counted, in order.</summary>
    public async Task WriteAsync(IEnumerable<ReadOnlyMemory<byte>> messages, Pace pace = default, CancellationToken cancellationToken = default)
    {
        PaceMeter meter = pace.Start();
        foreach (var message in messages)
        {
            await input.WriteAsync(Encoding.ASCII.GetBytes($"{message.Length} "), cancellationToken);
            await input.WriteAsync(message, cancellationToken);
            await meter.AfterAsync(message.Length, cancellationToken);
        }
    }

    /// <summary>SIGTERM and wait: rsyslogd sends what it has read.</summary>
    public async Task StopAsync()
    {
        process.Terminate();
        await process.ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        await input.DisposeAsync();
        directory.Dispose();
    }

    private static string Configuration(string workDirectory, string reader, string hostname, string address, int port, SyslogTemplate template, RsyslogForward forward) =>
        $"""
        global(workDirectory="{workDirectory}" localHostname="{hostname}")
        {forward.Global}
        {reader}
        kern.* action({forward.Action} target="{address}" port="{port}" template="{template.RsyslogName}")

        """;

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFifo(string path, uint mode);
}
