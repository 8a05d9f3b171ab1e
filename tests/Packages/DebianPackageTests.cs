using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Packages;

/// <summary>The packages of `make deb`, as Debian's own dpkg, apt, systemd and lintian deal with them.</summary>
public sealed partial class DebianPackageTests
{
    private const string Install = "apt-get install -y -qq --no-install-recommends";

    /// <summary>rsyslog sends on what `logger` says under the tag wg-test, as a line of the kernel of vpn-01, which user space cannot write itself.</summary>
    private const string Forward = "printf '%s\\n' 'module(load=\"imuxsock\" SysSock.Use=\"on\")'  "
        + "'template(name=\"kernel\" type=\"string\" string=\"<7>%TIMESTAMP% vpn-01 kernel: %msg:2:$%\")' "
        + "':syslogtag, startswith, \"wg-test\" @127.0.0.1:9999;kernel' > /etc/rsyslog.conf && systemctl restart rsyslog";

    private static string Newer { get; } = Path.GetFileName(Directory.GetFiles(Path.Combine(Repository.Root, "artifacts/packages/next"), "wgmonitor_*_amd64.deb").Single());

    private static string Current { get; } = $"wgmonitor_{VersionLine().Match(Repository.Read("Directory.Build.props")).Groups[1].Value}_amd64.deb";

    [Fact]
    public async Task Lintian_finds_nothing()
    {
        await using var lintian = ChildProcess.Start(
            Executable.Find("lintian", "lintian"), ["--no-cfg", "--allow-root", "--fail-on", "error,warning", Path.Combine(Repository.Root, "artifacts/packages", Current)]);

        var exitCode = await lintian.ExitAsync(TimeSpan.FromMinutes(5));

        Assert.True(exitCode == 0, lintian.Output);
    }

    [Fact]
    public async Task It_installs_runs_upgrades_and_is_purged_without_a_trace()
    {
        await using var machine = await DebianMachine.BootAsync();
        var before = await FilesAsync(machine);

        await machine.RunAsync($"{Install} /packages/{Current}");
        await machine.UntilAsync("curl -sf http://127.0.0.1:9998/readyz");
        Assert.Equal("enabled\nactive", await machine.AnswersAsync("systemctl is-enabled wgmonitor; systemctl is-active wgmonitor"));
        Assert.Equal("wgmonitor wgmonitor\nwgmonitor", await machine.AnswersAsync("systemctl show wgmonitor -P User -P Group | paste -sd ' '; stat -c %U /proc/$(systemctl show wgmonitor -P MainPID)"));
        Assert.Equal("root:wgmonitor 640\nwgmonitor:wgmonitor 750", await machine.AnswersAsync("stat -c '%U:%G %a' /etc/wgmonitor/config.toml /var/lib/wgmonitor"));
        await machine.RunAsync(Forward);
        await SeenAsync(machine, peer: 7);

        // The edit of an administrator, with a mode of their own, stays; so does the state, and what runs is the new one.
        await machine.RunAsync("printf '[collector]\\nskew_max = \"7m\"\\n' >> /etc/wgmonitor/config.toml && chmod 0600 /etc/wgmonitor/config.toml && chown wgmonitor: /etc/wgmonitor/config.toml");
        var process = await machine.AnswersAsync("systemctl show wgmonitor -P MainPID");
        await machine.RunAsync($"{Install} /packages/next/{Newer}");
        await machine.UntilAsync("curl -sf http://127.0.0.1:9998/readyz");
        Assert.NotEqual(process, await machine.AnswersAsync("systemctl show wgmonitor -P MainPID"));
        Assert.Equal(Newer.Split('_')[1].Replace('~', '-'), await machine.AnswersAsync("/proc/$(systemctl show wgmonitor -P MainPID)/exe --version"));
        Assert.Equal("wgmonitor:wgmonitor 600", await machine.AnswersAsync("stat -c '%U:%G %a' /etc/wgmonitor/config.toml"));
        Assert.Contains("skew_max = \"7m\"", await machine.RunAsync("wgmonitor config show --changed -c /etc/wgmonitor/config.toml"));
        Assert.Contains("vpn-01/1/7", await machine.UntilAsync("curl -sf http://127.0.0.1:8080/api/v1/peers | grep vpn-01/1/7"));
        await SeenAsync(machine, peer: 8);

        // Who stopped and disabled it is not surprised by an upgrade.
        await machine.RunAsync($"systemctl disable --quiet --now wgmonitor && {Install} --reinstall /packages/next/{Newer}");
        Assert.Equal("disabled\ninactive", await machine.AnswersAsync("systemctl is-enabled wgmonitor; systemctl is-active wgmonitor"));
        await machine.RunAsync("systemctl enable --quiet --now wgmonitor");
        await machine.UntilAsync("curl -sf http://127.0.0.1:8080/api/v1/peers | grep vpn-01/1/8");

        await machine.RunAsync("apt-get remove -y -qq wgmonitor");
        Assert.Equal("", await machine.AnswersAsync("find /proc -maxdepth 1 -user wgmonitor"));
        Assert.Equal("/etc/wgmonitor/config.toml\n/var/lib/wgmonitor/redis", await machine.AnswersAsync("ls -d /etc/wgmonitor/config.toml /var/lib/wgmonitor/redis"));

        await machine.RunAsync("apt-get purge -y -qq wgmonitor");
        Assert.Equal("", string.Join('\n', (await FilesAsync(machine)).Except(before)));
        Assert.Equal("", await machine.AnswersAsync("systemctl list-units --all --plain --no-legend 'wgmonitor*'"));
        Assert.Equal("", await machine.AnswersAsync("dpkg --list wgmonitor 2> /dev/null | grep '^[a-z]' | grep -v '^un'"));
    }

    [Fact]
    public async Task One_service_a_process_runs_upgrades_and_is_purged_too()
    {
        const string Units = "wgmonitor@collector wgmonitor@projector wgmonitor@notifier wgmonitor@api";
        await using var machine = await DebianMachine.BootAsync();
        var before = await FilesAsync(machine);
        await machine.RunAsync($"{Install} /packages/{Current} && systemctl start redis-server");
        // Each has a port for health and metrics of its own.
        await machine.RunAsync("printf '[redis]\\nurl = \"redis://127.0.0.1:6379\"\\n' >> /etc/wgmonitor/config.toml");
        await machine.RunAsync("port=9990; for service in collector projector notifier api; do port=$((port + 1)); mkdir -p /etc/systemd/system/wgmonitor@$service.service.d; "
            + "printf '[Service]\\nEnvironment=WGMONITOR__METRICS__ADDRESS=127.0.0.1:%s\\n' $port > /etc/systemd/system/wgmonitor@$service.service.d/port.conf; done; systemctl daemon-reload");

        await machine.RunAsync($"systemctl disable --quiet --now wgmonitor && systemctl enable --quiet --now {Units}");
        await ReadyAsync(machine);
        await machine.RunAsync(Forward);
        await SeenAsync(machine, peer: 7);
        await machine.RunAsync("systemctl stop --quiet wgmonitor@notifier");
        var processes = await machine.AnswersAsync("systemctl show -P MainPID wgmonitor@collector wgmonitor@api | xargs");
        await machine.RunAsync($"{Install} /packages/next/{Newer}");
        Assert.Equal("active\nactive\ninactive\nactive\ninactive", await machine.AnswersAsync($"systemctl is-active {Units} wgmonitor"));
        Assert.Empty(processes.Split(' ').Intersect((await machine.AnswersAsync("systemctl show -P MainPID wgmonitor@collector wgmonitor@api | xargs")).Split(' ')));
        await machine.RunAsync("systemctl start wgmonitor@notifier");
        await ReadyAsync(machine);
        await SeenAsync(machine, peer: 8);
        Assert.Contains("vpn-01/1/7", await machine.UntilAsync("curl -sf http://127.0.0.1:8080/api/v1/peers"));

        await machine.RunAsync("apt-get purge -y -qq wgmonitor");
        Assert.Equal("", await machine.AnswersAsync("find /proc -maxdepth 1 -user wgmonitor"));
        // Drop-ins are the administrator's.
        Assert.Equal("", string.Join('\n', (await FilesAsync(machine)).Except(before).Where(file => !file.StartsWith("/etc/systemd/system/wgmonitor@", StringComparison.Ordinal))));
    }

    private static Task ReadyAsync(DebianMachine machine) => machine.UntilAsync("for port in 9991 9992 9993 9994; do curl -sf http://127.0.0.1:$port/readyz || exit 1; done");

    private static async Task SeenAsync(DebianMachine machine, int peer)
    {
        await machine.RunAsync($"logger -p kern.debug -t wg-test '[   90.246220] wireguard: wg0: Receiving keepalive packet from peer {peer} (203.0.113.5:5182{peer})'");
        await machine.UntilAsync($"curl -sf http://127.0.0.1:8080/api/v1/peers | grep vpn-01/1/{peer}");
    }

    /// <summary>All files but those of running programs, logs, dpkg's own books, and users, which stay.</summary>
    private static async Task<HashSet<string>> FilesAsync(DebianMachine machine) =>
        [.. (await machine.RunAsync("find /etc /usr /var /opt /srv /home /root -not -path '/var/log/*' -not -path '/var/lib/dpkg/*' -not -path '/var/lib/apt/*' -not -path '/var/cache/*' "
            + "-not -path '/var/lib/redis/*' -not -path '/var/tmp/*' -not -path '/var/lib/systemd/*' -not -path '/var/spool/rsyslog/*' "
            + "-not -name 'passwd-' -not -name 'group-' -not -name 'shadow-' -not -name 'gshadow-' -not -name '.pwd.lock'")).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex VersionLine();
}
