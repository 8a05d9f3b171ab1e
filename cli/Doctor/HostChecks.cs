using System.Globalization;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.Cli.Doctor;

/// <summary>What hosts do not tell: lines that their kernel suppressed, silence, and lines that anybody could have sent.</summary>
internal static class HostChecks
{
    /// <summary>Hosts that are looked at; the API lists all.</summary>
    public const int HostsMax = 200;

    private const long SilentAfter = 15 * 60 * 1_000_000L;

    private const int NamesMax = 5;

    /// <param name="hosts">Hosts.</param>
    /// <param name="now">Unix microseconds.</param>
    public static IEnumerable<Check> Of(IReadOnlyList<HostState> hosts, long now)
    {
        if (hosts.Count == 0) yield break;
        var suppressed = hosts.Where(host => host.Loss.Suppressed > 0).ToList();
        yield return suppressed.Count > 0
            ? Check.Warning(
                "suppressed lines",
                $"the kernel kept {suppressed.Sum(host => host.Loss.Suppressed).ToString(CultureInfo.InvariantCulture)} lines back on {Names(suppressed)}: what they said is not known",
                "On the host, as root: sysctl -w net.core.message_cost=0")
            : Check.Good("suppressed lines", "no kernel says that it kept lines back");
        var silent = hosts.Where(host => now - host.LastLineAt > SilentAfter).ToList();
        if (silent.Count > 0)
            yield return Check.Warning("silent hosts", $"no line for 15 minutes from {Names(silent)}", "No peer is active there, or lines get lost on the way: look at that host's syslog daemon.");
        var unproven = hosts.Where(host => host.Trust == TrustLevel.Udp).ToList();
        if (unproven.Count > 0)
            yield return Check.Warning("trust", $"lines of {Names(unproven)} come over UDP, where anybody can send under any address", "Send over RELP or TLS with client certificates, or name the senders in collector.allow.");
    }

    private static string Names(IReadOnlyList<HostState> hosts) =>
        string.Join(", ", hosts.Take(NamesMax).Select(host => host.Host)) + (hosts.Count > NamesMax ? $" and {hosts.Count - NamesMax} more" : "");
}
