using System.Globalization;
using System.Net;
using WgMonitor.Cli.Demo.Fleet;

namespace WgMonitor.Cli.Demo;

/// <summary>What a spectator sees: the banner, what the fleet does, and the alerts as they arrive.</summary>
internal sealed class DemoScreen(TextWriter output, TimeProvider time)
{
    private readonly Lock gate = new();

    /// <summary>How many there are, in words.</summary>
    public static string Fleet(FleetStory story)
    {
        var peers = story.Hosts.Sum(host => host.Peers.Count);
        return $"{story.Hosts.Count} simulated VPN server{(story.Hosts.Count == 1 ? "" : "s")} with {peers} peer{(peers == 1 ? "" : "s")}";
    }

    /// <summary>Where everything is, and what it is not.</summary>
    public void Banner(FleetStory story, IReadOnlyList<(string Protocol, IPEndPoint Address)> syslog, IPEndPoint http, IPEndPoint metrics, bool ownRedis) => Line(
        $"""
        WgMonitor DEMO: {Fleet(story)}; nothing of this is real.
          syslog    {string.Join(", ", syslog.Select(listener => $"{listener.Protocol} {listener.Address}"))}
          peers     http://{http}/api/v1/peers
          API       http://{http}/reference
          health    http://{metrics}/readyz
          metrics   http://{metrics}/metrics
          data      {(ownRedis ? "in a redis-server and a directory of the demo's own; both go when it ends" : $"in the given Redis under {DemoConfiguration.Prefix}:…; `wgmonitor demo --clean` removes it")}
          open      no TLS, no passwords; everything listens on loopback, so only this machine gets in
          stop      Ctrl-C
        DEMO: what the fleet does, and the alerts that a webhook gets:
        """);

    /// <summary>What the fleet does.</summary>
    public void Fleet(string remark) => Line($"{Clock()} fleet  {remark}");

    /// <summary>What came to the webhook.</summary>
    public void Alert(string summary) => Line($"{Clock()} ALERT  {summary}");

    public void Line(string text)
    {
        lock (gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    private string Clock() => time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
