using WgMonitor.EndToEnd.Tests.Up;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Setup;

/// <summary>What <c>setup host</c> prints, through the checks of those who read it, and a real rsyslogd that runs with it.</summary>
public sealed class SetupHostTests
{
    public static TheoryData<string, string> Combinations { get; } = new()
    {
        { "rsyslog", "udp" }, { "rsyslog", "tcp" }, { "rsyslog", "tls" }, { "rsyslog", "relp" }, { "rsyslog", "relp-tls" },
        { "syslog-ng", "udp" }, { "syslog-ng", "tcp" }, { "syslog-ng", "tls" },
        { "journald", "udp" }, { "journald", "tcp" },
    };

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task The_daemon_itself_accepts_its_file(string daemon, string transport)
    {
        using var directory = new TempDirectory();
        var files = await WriteAsync(directory, daemon, transport);

        var (exitCode, output) = daemon switch
        {
            "rsyslog" => await RunAsync(Executable.Find("rsyslogd", "rsyslog"), "-N1", "-f", WithCertificates(directory, files[2])),
            "syslog-ng" => await SyslogNgServer.CheckAsync(directory.Write("syslog-ng.conf", $$"""
                @version: 3.38
                source s_src { pipe("{{directory.File("kmsg")}}" flags(kernel)); };
                @include "{{WithCertificates(directory, files[2])}}"

                """)),
            _ => await RunAsync(Executable.Find("systemd-analyze", "systemd"), "verify", "--man=no", files[2]),
        };

        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("error", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData]
    [InlineData("--mute")]
    public async Task Modprobe_and_sysctl_read_theirs(params string[] more)
    {
        using var directory = new TempDirectory();
        var files = await WriteAsync(directory, "rsyslog", "udp", more: more);
        var options = (await File.ReadAllLinesAsync(files[0])).Single(line => line.StartsWith("options ", StringComparison.Ordinal));

        var (_, modules) = await RunAsync(Executable.Find("modprobe", "kmod"), "-C", Path.GetDirectoryName(files[0])!, "--showconfig");
        var settings = await RunAsync(Executable.Find("sysctl", "procps"), "--dry-run", "-p", files[1]);

        Assert.Contains($"{options}\n", modules);
        Assert.DoesNotContain("ERROR", modules);
        Assert.Equal((0, "net.core.message_cost = 0\n"), settings);
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task The_scripts_are_sound_shell_and_undo_names_every_file(string daemon, string transport)
    {
        using var directory = new TempDirectory();
        string[] arguments = ["setup", "host", "--collector", "wg.example", "--daemon", daemon, "--transport", transport];
        var (exitCode, script, error) = await WgMonitorProgram.RunAsync(directory.Path, arguments);
        var (_, undo, _) = await WgMonitorProgram.RunAsync(directory.Path, [.. arguments, "--undo"]);

        Assert.Equal((0, ""), (exitCode, error));
        foreach (var text in new[] { script, undo })
        {
            var (code, output) = await RunAsync("/bin/sh", "-n", directory.Write("script.sh", text));
            Assert.True(code == 0, output);
        }
        var paths = script.Split('\n').Where(line => line.StartsWith("cat > ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToArray();
        Assert.Equal(3, paths.Length);
        Assert.All(paths, path => Assert.Contains($"rm -f {path}\n", undo));
        Assert.Contains("wg.example", script);
        Assert.Equal([directory.File("script.sh")], Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("relp")]
    public async Task A_real_rsyslogd_with_it_sends_the_lines_that_count_and_no_others(string transport)
    {
        using var directory = new TempDirectory();
        var port = FreePort.Tcp();
        await using var up = await RunningUp.StartAsync(directory, new Dictionary<string, string?>
        {
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__COLLECTOR__LISTEN__1__ADDRESS"] = $"127.0.0.1:{port}",
            ["WGMONITOR__COLLECTOR__LISTEN__1__PROTOCOL"] = transport,
        });
        var files = await WriteAsync(directory, "rsyslog", transport, $"127.0.0.1:{port}");

        await using var rsyslog = await RsyslogServer.StartWithDropInAsync(await File.ReadAllTextAsync(files[2]));
        await rsyslog.WriteAsync(
        [
            "<6>[    1.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
            "<4>[   80.246220] net_ratelimit: 42 callbacks suppressed",
            "<7>[   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)",
        ]);

        await Wait.Until(async () => (await up.ReadPeersAsync()).Contains("\"id\":\"vpn-01/1/7\"", StringComparison.Ordinal), "the peer is listed");
        Assert.Equal(2, await RunningUp.CountEventsAsync(directory.File("data/redis/redis.sock")));
        Assert.Equal("", rsyslog.Log);
    }

    /// <summary>The certificates are the action's own: nothing else that this rsyslogd sends is bound to them.</summary>
    [Fact]
    public async Task A_real_rsyslogd_with_it_sends_by_TLS_and_proves_who_it_is()
    {
        using var directory = new TempDirectory();
        using var authority = new TestAuthority();
        using var own = authority.Issue(new() { CommonName = "vpn-01", DnsNames = ["vpn-01"] });
        directory.Write("ca.pem", authority.Pem);
        directory.Write("host.pem", own.ExportCertificatePem());
        directory.Write("host-key.pem", TestAuthority.KeyPem(own));
        var port = FreePort.Tcp();
        await using var up = await RunningUp.StartAsync(directory, new Dictionary<string, string?>
        {
            ["WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS"] = "127.0.0.1:0",
            ["WGMONITOR__COLLECTOR__LISTEN__1__ADDRESS"] = $"127.0.0.1:{port}",
            ["WGMONITOR__COLLECTOR__LISTEN__1__PROTOCOL"] = "tls",
            ["WGMONITOR__COLLECTOR__LISTEN__1__CERTIFICATE"] = directory.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer())),
            ["WGMONITOR__COLLECTOR__LISTEN__1__CLIENT_CA"] = directory.File("ca.pem"),
            ["WGMONITOR__COLLECTOR__LISTEN__1__CLIENT_CERTIFICATE"] = "require",
        });
        var files = await WriteAsync(directory, "rsyslog", "tls", $"localhost:{port}");
        var text = await File.ReadAllTextAsync(files[2]);
        Assert.DoesNotContain("\nglobal(", text);

        await using var rsyslog = await RsyslogServer.StartWithDropInAsync(text.Replace("/etc/ssl/wgmonitor/", directory.Path + "/", StringComparison.Ordinal));
        await rsyslog.WriteAsync(["<7>[   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)"]);

        await Wait.Until(async () => (await up.ReadPeersAsync()).Contains("\"id\":\"vpn-01/1/7\"", StringComparison.Ordinal), "the peer is listed");
    }

    /// <summary>The commands of the script, with a sysctl that keeps its value in a file and others that do nothing, on files of the test's own.</summary>
    [Theory]
    [InlineData("7")]
    [InlineData("0")]
    public async Task Undo_gives_back_the_rate_limit_that_was_found_also_after_a_second_run(string before)
    {
        using var directory = new TempDirectory();
        string[] arguments = ["setup", "host", "--collector", "wg.example"];
        foreach (var (name, more) in new[] { ("apply", (string[])[]), ("undo", ["--undo"]) })
        {
            var (_, script, _) = await WgMonitorProgram.RunAsync(directory.Path, [.. arguments, .. more]);
            directory.Write($"{name}.sh", $$"""
                modprobe() { :; }; systemctl() { :; }; rsyslogd() { :; }
                sysctl() {
                    case "$*" in
                        '-n net.core.message_cost') cat {{directory.File("cost")}} ;;
                        '-q -p '*) sed -n 's/^net.core.message_cost = //p' "$3" > {{directory.File("cost")}} ;;
                        '-q -w net.core.message_cost='*) echo "${3#*=}" > {{directory.File("cost")}} ;;
                        *) exit 9 ;;
                    esac
                }

                """ + script.Replace("/etc/", directory.File("etc/"), StringComparison.Ordinal).Replace("/proc/dynamic_debug/control", directory.File("control"), StringComparison.Ordinal));
        }
        foreach (var folder in new[] { "modprobe.d", "sysctl.d", "rsyslog.d" }) Directory.CreateDirectory(directory.File($"etc/{folder}"));
        directory.Write("cost", before + "\n");

        foreach (var (name, after) in new[] { ("apply", "0"), ("apply", "0"), ("undo", before), ("undo", "5") })
        {
            var (code, output) = await RunAsync("/bin/sh", directory.File($"{name}.sh"));
            Assert.True(code == 0, output);
            Assert.Equal($"{after}\n", await File.ReadAllTextAsync(directory.File("cost")));
        }
        Assert.Empty(Directory.EnumerateFiles(directory.File("etc"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Mute_turns_off_what_strangers_can_cause_and_nothing_that_tells_of_a_peer()
    {
        using var directory = new TempDirectory();

        var (_, script, _) = await WgMonitorProgram.RunAsync(directory.Path, ["setup", "host", "--collector", "wg.example", "--mute"]);

        var messages = File.ReadLines(Corpus.MessagesFile).Select(row => row.Split('\t')[4]).ToArray();
        // drivers/net/wireguard/receive.c, cookie.c, send.c: what each of the four formats is part of.
        foreach (var format in new[] { "Invalid MAC", "Invalid handshake", "Dropping handshake packet", "cookie response" })
        {
            Assert.Contains($"format '{format}' -p", script);
            var matching = messages.Where(message => message.Contains(format, StringComparison.Ordinal)).ToArray();
            Assert.NotEmpty(matching);
            Assert.All(matching, message => Assert.DoesNotContain("peer %llu", message));
        }
    }

    [Theory]
    [InlineData("syslog-ng", "relp", "syslog-ng does not speak RELP")]
    [InlineData("journald", "tls", "install rsyslog")]
    public async Task What_a_daemon_cannot_do_is_said(string daemon, string transport, string expected)
    {
        using var directory = new TempDirectory();

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["setup", "host", "--collector", "wg.example", "--daemon", daemon, "--transport", transport]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("wg.example\") stop")]
    [InlineData("wg.example:0")]
    [InlineData("wg.example:65536")]
    [InlineData("wg.example\n")]
    [InlineData("-x")]
    [InlineData("$(id)")]
    public async Task An_address_that_is_none_gets_into_no_file(string address)
    {
        using var directory = new TempDirectory();

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["setup", "host", $"--collector={address}"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("--collector", error);
    }

    /// <summary>Writes the three files and returns their paths: modprobe, sysctl, sender.</summary>
    private static async Task<string[]> WriteAsync(TempDirectory directory, string daemon, string transport, string collector = "[2001:db8::1]:9999", params string[] more)
    {
        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(
            directory.Path, ["setup", "host", "--collector", collector, "--daemon", daemon, "--transport", transport, "--write", directory.File("root"), .. more]);
        Assert.Equal((0, ""), (exitCode, error));
        var files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(directory.File("root/etc/modprobe.d/wgmonitor.conf"), files[0]);
        Assert.Equal(directory.File("root/etc/sysctl.d/60-wgmonitor.conf"), files[1]);
        return files;
    }

    /// <summary>The file with certificates that exist: those that it names are the host's.</summary>
    private static string WithCertificates(TempDirectory directory, string file)
    {
        var text = File.ReadAllText(file);
        if (!text.Contains("/etc/ssl/wgmonitor/", StringComparison.Ordinal)) return file;
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(new() { CommonName = "vpn-01", DnsNames = ["vpn-01"] });
        directory.Write("ca.pem", authority.Pem);
        directory.Write("host.pem", certificate.ExportCertificatePem());
        directory.Write("host-key.pem", TestAuthority.KeyPem(certificate));
        return directory.Write(Path.GetFileName(file), text.Replace("/etc/ssl/wgmonitor/", directory.Path + "/", StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        return (await process.ExitAsync(), process.Output);
    }
}
