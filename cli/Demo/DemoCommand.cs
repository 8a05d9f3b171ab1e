using System.CommandLine;
using System.Globalization;
using WgMonitor.Cli.Demo.Fleet;
using WgMonitor.Cli.Up;

namespace WgMonitor.Cli.Demo;

/// <summary><c>wgmonitor demo</c>: the product with a simulated fleet, or the fleet alone. <see cref="DemoRun"/> says in which order.</summary>
internal static class DemoCommand
{
    private const int HostsMax = 100;
    private const int PeersMax = 5000;

    public static Command Create()
    {
        var hosts = Number("--hosts", $"Simulated VPN servers, 1 to {HostsMax}, and no more than peers", 3, 1, HostsMax);
        var peers = Number("--peers", $"Peers of all of them together, 1 to {PeersMax}", 40, 1, PeersMax);
        var seed = Number("--seed", "The same seed tells the same story", 1, 0, int.MaxValue);
        var redis = new Option<string?>("--redis") { Description = "Use this Redis under keys of the demo's own, not a redis-server of the demo's", HelpName = "URL" };
        var clean = new Option<bool>("--clean") { Description = "Remove what demos left in the Redis named by --redis or by WGMONITOR__REDIS__URL, and end" };
        var sendTo = new Option<string?>("--send-to") { Description = "Only simulate the servers, and send their syslog there", HelpName = "HOST:PORT" };
        var transport = new Option<FleetTransport>("--transport") { Description = "udp, tcp or both, half of the servers each", HelpName = "TRANSPORT", DefaultValueFactory = _ => FleetTransport.Both };
        var command = new Command("demo", "Show everything with a simulated fleet of VPN servers; no WireGuard, no Redis and no configuration is needed.")
        {
            hosts, peers, seed, redis, clean, sendTo, transport,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(sendTo) is { } target && SyslogTarget.Parse(target) is null) result.AddError("--send-to needs HOST:PORT, as in 127.0.0.1:9999 or [::1]:9999.");
            if (result.GetValue(sendTo) is not null && (result.GetValue(redis) is not null || result.GetValue(clean))) result.AddError("--send-to needs no Redis.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            using var signals = new StopSignals(stop);
            var streams = parsed.InvocationConfiguration;
            var run = new DemoRun(DemoConfiguration.Environment(WgMonitorCommand.ReadEnvironment(), parsed.GetValue(redis)), streams.Output, streams.Error, TimeProvider.System);
            if (parsed.GetValue(clean)) return await run.CleanAsync();
            var story = new FleetStory(Math.Min(parsed.GetValue(hosts), parsed.GetValue(peers)), parsed.GetValue(peers), parsed.GetValue(seed));
            return parsed.GetValue(sendTo) is { } target
                ? await run.SendAsync(story, SyslogTarget.Parse(target)!, parsed.GetValue(transport), signals.Stop)
                : await run.RunAsync(story, parsed.GetValue(transport), signals.Stop);
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int number, int min, int max)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => number };
        option.Validators.Add(result =>
        {
            if (int.TryParse(result.Tokens.SingleOrDefault()?.Value, CultureInfo.InvariantCulture, out var given) && (given < min || given > max))
                result.AddError($"{name} must be {min} to {max}.");
        });
        return option;
    }
}
