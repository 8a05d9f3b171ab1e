using WgMonitor.Compose;
using WgMonitor.Testing;

namespace WgMonitor.Packages;

/// <summary>
/// The machine's own rsyslogd as a relay: it takes on TCP port 5514 what other hosts printed, for a container has no kernel log of its own, and sends it on as the product tells
/// it to.
/// </summary>
internal static class MachineRsyslog
{
    /// <summary>In order: several workers would mix lines.</summary>
    private const string Relay = """
        global(workDirectory="/var/spool/rsyslog")
        main_queue(queue.workerThreads="1")
        module(load="imtcp")
        input(type="imtcp" address="127.0.0.1" port="5514")
        include(file="/etc/rsyslog.d/*.conf")

        """;

    /// <summary>A hundred lines at once fit into the smallest socket buffer. Datagrams have no other brake, so the next ones wait until the collector has them.</summary>
    private const string Recording = """
        received() { curl -sf http://127.0.0.1:9998/metrics | awk '/^wgmonitor_collector_lines_received_total/ { sum += $2 } END { print sum + 0 }'; }
        total=$(received)
        exec 3<> /dev/tcp/127.0.0.1/5514 4< /run/recording
        while mapfile -n 100 -u 4 lines && [ ${#lines[@]} -gt 0 ]; do
            printf '%s' "${lines[@]}" >&3
            total=$((total + $(printf '%s' "${lines[@]}" | grep -cE 'wireguard: |net_ratelimit: ')))
            for _ in $(seq 600); do [ "$(received)" -ge $total ] && break; sleep 0.05; done
            [ "$(received)" -eq $total ] || { echo "$(received) of $total lines were received"; exit 1; }
        done
        """;

    /// <summary>Installs the file that `wgmonitor setup host` writes for a server that is to send to a collector.</summary>
    public static async Task SendToAsync(this DebianMachine machine, string collector, string transport)
    {
        await machine.WriteAsync("/etc/rsyslog.conf", Relay);
        await machine.RunAsync($"wgmonitor setup host --collector {collector} --transport {transport} --write /run/files");
        await machine.RunAsync("rm -f /etc/rsyslog.d/* && cp /run/files/etc/rsyslog.d/*.conf /etc/rsyslog.d/ && rm -r /run/files && rsyslogd -N1 && systemctl restart rsyslog");
        await machine.UntilAsync("(exec 3<> /dev/tcp/127.0.0.1/5514)");
    }

    /// <summary>Gives it a recording, and waits until the collector received it.</summary>
    public static async Task RelayAsync(this DebianMachine machine, CorpusRun run, string way)
    {
        await machine.WriteAsync("/run/recording", string.Concat(run.Messages(way).Select(message => message + "\n")));
        await machine.RunAsync(Recording);
    }
}
