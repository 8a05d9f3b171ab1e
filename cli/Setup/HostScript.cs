using System.Text;

namespace WgMonitor.Cli.Setup;

/// <summary>A plan as a shell script that people read before they run it.</summary>
internal static class HostScript
{
    private const string EndOfFile = "END_OF_FILE";

    public static string Apply(IReadOnlyList<HostStep> plan)
    {
        var script = new StringBuilder();
        Comment(script, "For a VPN server, as root. Printed by `wgmonitor setup host`; nothing was changed. The same with --undo takes it all back.");
        script.Append("set -eu\n");
        foreach (var step in plan)
        {
            script.Append('\n');
            Comment(script, step.Why);
            script.Append($"cat > {step.Path} <<'{EndOfFile}'\n{step.Content}{EndOfFile}\n");
            foreach (var command in step.Apply) script.Append(command).Append('\n');
        }

        script.Append('\n');
        Comment(script, """
            Then, where WgMonitor runs: `wgmonitor doctor --wait` says when the first line of this host is there, or why none comes.

            - A host that prints much at once needs a larger kernel log: log_buf_len=4M on the kernel's command line.
            - The local log grows by the same lines; where that is too much, end rsyslog's block with `stop`, or filter where syslog-ng writes kern.log.
            - rsyslog that reads from journald (imjournal, as on Fedora and RHEL) takes 20,000 messages in 10 minutes: raise ratelimit.burst there.
            - A kernel with WireGuard built in (CONFIG_WIREGUARD=y) reads no modprobe.d: put wireguard.dyndbg=+p on its command line for the next boot.
            - OpenWrt: its kernels are usually built without CONFIG_DYNAMIC_DEBUG, and then print nothing. With a kernel that has it, logd sends by itself:
              uci set system.@system[0].log_ip=ADDRESS; uci set system.@system[0].log_port=9999; uci commit system; /etc/init.d/log restart
            """);
        return script.ToString();
    }

    public static string Undo(IReadOnlyList<HostStep> plan)
    {
        var script = new StringBuilder();
        Comment(script, "For a VPN server, as root: takes back what `wgmonitor setup host` printed, as far as it is there. WireGuard itself goes on as before.\nnet.core.message_cost gets the value that the set-up found, or the kernel's own, 5, where none was noted.");
        // Without -e: where a daemon was removed since, the rest is taken back all the same.
        script.Append("set -u\n");
        foreach (var step in plan.Reverse())
        {
            script.Append('\n');
            // A unit that runs is stopped while its file is there.
            if (step.Undo.Count > 1) script.Append(step.Undo[0]).Append('\n');
            script.Append($"rm -f {step.Path}\n").Append(step.Undo[^1]).Append('\n');
        }

        return script.ToString();
    }

    private static void Comment(StringBuilder script, string text)
    {
        foreach (var line in text.Split('\n')) script.Append(line.Length == 0 ? "#" : $"# {line}").Append('\n');
    }
}
