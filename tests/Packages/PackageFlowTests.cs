using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Compose;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Packages;

/// <summary>
/// The installed package at work under systemd, with the configuration that it brings: recordings by a real rsyslogd, and a flow of lines through everything that befalls the
/// units. Each line stands in the log once, and state and alerts are what was sent.
/// </summary>
public sealed partial class PackageFlowTests
{
    private const string Install = "apt-get install -y -qq --no-install-recommends";

    /// <summary>Units with the ports of health and metrics that they take when the configuration names none.</summary>
    private static readonly (string Unit, int Port)[] Parts = [("wgmonitor@collector", 9998), ("wgmonitor@projector", 9997), ("wgmonitor@notifier", 9996), ("wgmonitor@api", 8080)];

    private static string Newer { get; } = Path.GetFileName(Directory.GetFiles(Path.Combine(Repository.Root, "artifacts/packages/next"), "wgmonitor_*_amd64.deb").Single());

    private static string Current { get; } = $"wgmonitor_{VersionLine().Match(Repository.Read("Directory.Build.props")).Groups[1].Value}_amd64.deb";

    [Fact]
    public async Task One_process_takes_recordings_as_shipped_and_loses_nothing_when_killed_upgraded_and_downgraded()
    {
        await using var machine = await DebianMachine.BootAsync();
        await machine.RunAsync($"{Install} /packages/{Current}");
        await ReadyAsync(machine, 9998);
        await using var redis = await machine.ConnectRedisAsync("/var/lib/wgmonitor/redis/redis.sock");
        var log = new InstalledLog(redis);
        // Nothing was configured: datagrams from this machine.
        Assert.Equal("", await machine.AnswersAsync("dpkg --verify wgmonitor"));
        await machine.SendToAsync("127.0.0.1:9999", "udp");
        await RecordingsAsync(machine, log);

        await machine.RunAsync($"{Uncomment("[[collector.listen]]", "protocol =", "address =")} && systemctl restart wgmonitor");
        await ReadyAsync(machine, 9998);
        await machine.SendToAsync("127.0.0.1:2514", "relp");
        var flow = await MachineFlow.StartAsync(machine, log, "one");
        await flow.FlowsAsync("nothing happens");
        foreach (var _ in (int[])[1, 2])
        {
            await KillAsync(machine, "wgmonitor");
            await flow.FlowsAsync("wgmonitor was killed");
            await ReadyAsync(machine, 9998);
        }
        await machine.RunAsync("kill -KILL $(pidof redis-server)");
        await flow.FlowsAsync("its redis-server was killed");
        foreach (var package in (string[])[$"next/{Newer}", Current])
        {
            await machine.RunAsync($"{Install} --allow-downgrades /packages/{package}");
            await ReadyAsync(machine, 9998);
            await RunsAsync(machine, package, 9998);
            await flow.FlowsAsync($"{package} was installed");
        }
        await flow.EndAsync();

        await PurgedAsync(machine);
    }

    [Fact]
    public async Task One_service_a_unit_takes_recordings_and_loses_nothing_when_killed_upgraded_and_downgraded()
    {
        await using var machine = await DebianMachine.BootAsync();
        await machine.RunAsync($"{Install} /packages/{Current}");
        await StartRedisAsync(machine);
        await machine.RunAsync($"{Uncomment("[redis]", "url =")} && {Uncomment("[[collector.listen]]", "protocol =", "address =")}");
        await machine.RunAsync($"systemctl disable --quiet --now wgmonitor && systemctl enable --quiet --now {string.Join(' ', Parts.Select(part => part.Unit))}");
        await AllReadyAsync(machine);
        await using var redis = await machine.ConnectRedisAsync("/run/redis/redis-server.sock");
        var log = new InstalledLog(redis);
        await machine.SendToAsync("127.0.0.1:2514", "relp");
        await RecordingsAsync(machine, log);

        var flow = await MachineFlow.StartAsync(machine, log, "four");
        await flow.FlowsAsync("nothing happens");
        foreach (var (unit, port) in Parts)
        {
            await KillAsync(machine, unit);
            await flow.FlowsAsync($"{unit} was killed");
            await ReadyAsync(machine, port);
        }
        await machine.RunAsync("systemctl restart redis-server");
        await flow.FlowsAsync("redis was restarted");
        await KillAsync(machine, "redis-server");
        await flow.FlowsAsync("redis was killed");
        foreach (var package in (string[])[$"next/{Newer}", Current])
        {
            await machine.RunAsync($"{Install} --allow-downgrades /packages/{package}");
            await AllReadyAsync(machine);
            foreach (var (_, port) in Parts) await RunsAsync(machine, package, port);
            await flow.FlowsAsync($"{package} was installed");
        }
        await flow.EndAsync();

        await PurgedAsync(machine);
    }

    /// <summary>A Redis as an administrator has one who read the guide, with a socket more for this test to look at it.</summary>
    private static async Task StartRedisAsync(DebianMachine machine)
    {
        var dropIn = Guides.OfKind("ini").Single(block => block.Guide == "docs/durability.md").Text;
        await machine.RunAsync($"mkdir -p /etc/systemd/system/redis-server.service.d && cat > /etc/systemd/system/redis-server.service.d/cut-unfinished.conf << 'END'\n{dropIn}END");
        await machine.RunAsync("printf 'appendonly yes\\nmaxmemory-policy noeviction\\nunixsocket /run/redis/redis-server.sock\\n' >> /etc/redis/redis.conf");
        await machine.RunAsync("systemctl daemon-reload && systemctl enable --quiet --now redis-server");
    }

    /// <summary>Every recording arrives whole, and the API lists the peers and alerts that one fold of the log finds.</summary>
    private static async Task RecordingsAsync(DebianMachine machine, InstalledLog log)
    {
        foreach (var run in Recordings.All) await machine.RelayAsync(run, "deb");
        foreach (var run in Recordings.All) await Wait.Until(async () => (await log.EventsAsync(run.Host("deb"))).Values.Sum() >= run.Events(), $"{run.Name} is in the log");
        var fold = await log.EqualsReferenceAsync();
        var alerts = await ListAsync(machine, "alerts?limit=1000");
        foreach (var run in Recordings.All)
        {
            run.HasAllOf(await log.EventsAsync(run.Host("deb")));
            Assert.Equal(fold.Hosts[run.Host("deb")].Peers.Count, (await ListAsync(machine, $"peers?limit=1000&host={run.Host("deb")}")).Count);
            Assert.Equal(fold.Alerts.Count(alert => alert.Host == run.Host("deb")), alerts.Count(alert => alert.GetProperty("host").GetString() == run.Host("deb") && alert.GetProperty("kind").GetString() == "endpoint-changed"));
        }
        Assert.NotEmpty(fold.Alerts);
        Console.WriteLine($"recordings: {Recordings.All.Sum(run => run.Events())} events, {fold.Hosts.Values.Sum(host => host.Peers.Count)} peers, {fold.Alerts.Count} alerts");
    }

    /// <summary>SIGKILL, and systemd starts it again.</summary>
    private static async Task KillAsync(DebianMachine machine, string unit)
    {
        var restarts = await machine.AnswersAsync($"systemctl show {unit} -P NRestarts");
        await machine.RunAsync($"systemctl kill --kill-whom=main --signal=KILL {unit}");
        await machine.UntilAsync($"[ $(systemctl show {unit} -P NRestarts) -gt {restarts} ] && systemctl is-active {unit}");
    }

    /// <summary>What serves this port is the version of the package.</summary>
    private static async Task RunsAsync(DebianMachine machine, string package, int port) =>
        Assert.Contains($"wgmonitor_build_info{{version=\"{package.Split('_')[1].Replace('~', '-')}\"}} 1\n", await machine.RunAsync($"curl -sf http://127.0.0.1:{port}/metrics"));

    private static async Task PurgedAsync(DebianMachine machine)
    {
        await machine.RunAsync("apt-get purge -y -qq wgmonitor");
        Assert.Equal("", await machine.AnswersAsync("find /proc -maxdepth 1 -user wgmonitor"));
        Assert.Equal("", await machine.AnswersAsync("ls -d /etc/wgmonitor /var/lib/wgmonitor /usr/bin/wgmonitor 2> /dev/null; find /etc/systemd /usr/lib/systemd -name '*wgmonitor*'"));
    }

    private static async Task AllReadyAsync(DebianMachine machine)
    {
        foreach (var (_, port) in Parts) await ReadyAsync(machine, port);
    }

    private static Task<string> ReadyAsync(DebianMachine machine, int port) => machine.UntilAsync($"curl -sf http://127.0.0.1:{port}/readyz");

    /// <summary>Takes the comment sign from the lines of the shipped configuration that begin so.</summary>
    private static string Uncomment(params string[] beginnings) =>
        string.Join(" && ", beginnings.Select(beginning => $"grep -qF '#{beginning}' /etc/wgmonitor/config.toml && sed -i 's/^#{beginning.Replace("[", "\\[", StringComparison.Ordinal)}/{beginning}/' /etc/wgmonitor/config.toml"));

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(DebianMachine machine, string question) =>
        [.. JsonDocument.Parse(await machine.RunAsync($"curl -sf 'http://127.0.0.1:8080/api/v1/{question}'")).RootElement.GetProperty("items").EnumerateArray()];

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex VersionLine();
}
