using System.Globalization;

namespace WgMonitor.Cli.Setup;

/// <summary>One change on a VPN server: a file, and what makes it count at once.</summary>
/// <param name="Why">Sentences for the operator.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Content">Of the file.</param>
/// <param name="Apply">Shell commands after the file stands there.</param>
/// <param name="Undo">Shell commands after the file is removed.</param>
internal sealed record HostStep(string Why, string Path, string Content, IReadOnlyList<string> Apply, IReadOnlyList<string> Undo);

/// <summary>What goes on a VPN server, in order: the kernel speaks, nothing is held back, and a daemon sends it. The files are those of <c>deploy/host</c>.</summary>
internal static class HostPlan
{
    private const string Control = "/proc/dynamic_debug/control";

    /// <summary>No sysctl reads it: its name does not end with .conf.</summary>
    private const string CostBefore = "/etc/sysctl.d/60-wgmonitor.before";

    private static readonly string[] Muted = ["Invalid MAC", "Invalid handshake", "Dropping handshake packet", "cookie response"];

    /// <exception cref="CannotStartException">The daemon does not speak the transport.</exception>
    public static IReadOnlyList<HostStep> Of(CollectorAddress collector, string transport, string daemon, bool mute) =>
        [Speak(mute), Unlimited, Send(collector, transport, daemon)];

    private static HostStep Speak(bool mute) => new(
        "Let WireGuard print what it does, now and after the next boot. Handshakes, keepalives and endpoints are printed, never a key and never what is sent."
        + (mute ? "\nLines that strangers can cause stay off; scans of the port are then not told." : ""),
        "/etc/modprobe.d/wgmonitor.conf",
        Template(mute ? "modprobe-mute" : "modprobe"),
        ["modprobe wireguard", $"echo 'module wireguard +p' > {Control}", .. mute ? Muted.Select(text => $"echo \"module wireguard format '{text}' -p\" > {Control}") : []],
        [$"echo 'module wireguard -p' > {Control}"]);

    private static HostStep Unlimited => new(
        """
        Take away the kernel's limit of 10 such lines in 5 seconds, for all devices and peers together (and for all else that it holds, such as
        martian packets). With it, in two recorded runs with 31 peers, 60 % and 78 % of the handshakes left neither the line of their response nor that of
        their keypair, and the kernel itself counted 41 % and 78 % of these lines as suppressed, 30 % and 50 % while all was quiet; without it, none.
        Lines are about 150 bytes; a peer in use prints 5 every two minutes and one with each keepalive. What was set before is noted, for --undo.
        """,
        "/etc/sysctl.d/60-wgmonitor.conf",
        Template("sysctl"),
        [$"[ -e {CostBefore} ] || sysctl -n net.core.message_cost > {CostBefore}", "sysctl -q -p /etc/sysctl.d/60-wgmonitor.conf"],
        [$"sysctl -q -w net.core.message_cost=\"$(cat {CostBefore} 2> /dev/null || echo 5)\"; rm -f {CostBefore}"]);

    private static HostStep Send(CollectorAddress collector, string transport, string daemon)
    {
        if (daemon == "syslog-ng" && transport is "relp" or "relp-tls") throw new CannotStartException("syslog-ng does not speak RELP: use --transport tls, or rsyslog.");
        if (daemon == "journald" && transport is not ("udp" or "tcp"))
            throw new CannotStartException($"A host with journald alone has nothing that speaks {transport}: use --transport tcp, or install rsyslog.");
        var content = Template($"{daemon}-{transport}").Replace("{HOST}", collector.Host, StringComparison.Ordinal)
            .Replace("{FAMILY}", collector.Host.Contains(':', StringComparison.Ordinal) ? "6" : "4", StringComparison.Ordinal)
            .Replace("{PORT}", collector.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        const string rsyslog = "/etc/rsyslog.d/30-wgmonitor.conf", syslogNg = "/etc/syslog-ng/conf.d/wgmonitor.conf";
        return daemon switch
        {
            "rsyslog" => new(
                "Send it, and only it: WireGuard's lines and the kernel's notes on suppressed ones." + Packages(transport),
                rsyslog, content, [Accepted("rsyslogd -N1", rsyslog), "systemctl restart rsyslog"], ["systemctl restart rsyslog"]),
            "syslog-ng" => new(
                "Send it, and only it: WireGuard's lines and the kernel's notes on suppressed ones.",
                syslogNg, content, [Accepted("syslog-ng --syntax-only", syslogNg), "systemctl restart syslog-ng"], ["systemctl restart syslog-ng"]),
            _ => new(
                "Send it, and only it: WireGuard's lines and the kernel's notes on suppressed ones.",
                "/etc/systemd/system/wgmonitor-send.service", content,
                ["systemctl daemon-reload", "systemctl enable wgmonitor-send.service", "systemctl restart wgmonitor-send.service"],
                ["systemctl disable --now wgmonitor-send.service || true", "systemctl daemon-reload"]),
        };
    }

    /// <summary>A file that its daemon refuses does not stay: the daemon would not start at the next boot.</summary>
    private static string Accepted(string check, string path) => $"{check} || {{ rm -f {path}; exit 1; }}";

    private static string Packages(string transport) => transport switch
    {
        "tls" => "\nNeeds the package rsyslog-gnutls, and the three certificate files that the text names.",
        "relp" => "\nNeeds the package rsyslog-relp.",
        "relp-tls" => "\nNeeds the package rsyslog-relp, and the three certificate files that the text names.",
        _ => "",
    };

    private static string Template(string name)
    {
        var assembly = typeof(HostPlan).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(resource => resource == $"host/{name}.conf" || resource == $"host/{name}.service");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
