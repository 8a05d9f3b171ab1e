using System.Net;
using WgMonitor.Collector;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Up;

/// <summary>Tells the person at the terminal, once everything has started, where things are, what is not protected, and what to do next.</summary>
internal sealed class Banner(Listeners listeners, BoundListeners syslog, string? ownRedis, TextWriter output) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(Text(syslog.All, listeners.Http, listeners.Metrics, ownRedis).AsMemory(), cancellationToken);
    }

    /// <summary>The lines of the banner.</summary>
    /// <param name="syslog">Protocol and address of every syslog listener.</param>
    /// <param name="http">API; null when no service of the process has one.</param>
    /// <param name="metrics">Metrics and health.</param>
    /// <param name="ownRedis">The own redis-server in words; null when the configuration names one.</param>
    public static string Text(IReadOnlyList<(string Protocol, IPEndPoint Address)> syslog, IPEndPoint? http, IPEndPoint metrics, string? ownRedis)
    {
        List<string> lines = [$"WgMonitor {typeof(Banner).Assembly.GetName().Version?.ToString(3)} is up."];
        if (syslog.Count > 0) lines.Add($"  syslog    {string.Join(", ", syslog.Select(listener => $"{listener.Protocol} {listener.Address}"))}");
        if (http is not null) lines.Add($"  API       http://{http}/api/v1/peers");
        lines.Add($"  health    http://{metrics}/readyz");
        lines.Add($"  metrics   http://{metrics}/metrics");
        lines.Add($"  data      {ownRedis ?? "in the Redis of the configuration"}");
        lines.Add($"  open      {Exposure([.. syslog.Select(listener => listener.Address), metrics, .. http is null ? Array.Empty<IPEndPoint>() : [http]])}");
        if (syslog.FirstOrDefault(listener => listener.Protocol == "udp") is { Address: not null } udp)
            lines.Add($"  rsyslog   kern.* @{Target(udp.Address)}     # one line in /etc/rsyslog.d/30-wgmonitor.conf on the VPN host");
        lines.Add("  stop      Ctrl-C");
        return string.Join('\n', lines);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Exposure(IEnumerable<IPEndPoint> addresses)
    {
        var reachable = addresses.Where(address => !IPAddress.IsLoopback(address.Address)).Distinct().ToArray();
        return reachable.Length == 0
            ? "no TLS, no passwords; everything listens on loopback, so only this machine gets in"
            : $"no TLS, no passwords, and other machines reach {string.Join(", ", reachable.Select(address => address.ToString()))}: a firewall must choose which";
    }

    private static string Target(IPEndPoint address) =>
        address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any) ? $"ADDRESS-OF-THIS-MACHINE:{address.Port}" : address.ToString();
}
