using System.Diagnostics;
using System.Globalization;
using WgMonitor.Compose;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Packages;

/// <summary>Numbered lines that a program of the machine gives to its rsyslogd all the while, which sends them by RELP and keeps what nobody takes.</summary>
internal sealed class MachineFlow
{
    /// <summary>Lines there are at most, should the machine take long.</summary>
    private const int LinesMax = 150_000;

    private const string Script = """
        exec 3<> /dev/tcp/127.0.0.1/5514 4< /run/lines
        sent=0
        while [ ! -e /run/flow.end ] && mapfile -n 100 -u 4 lines && [ ${#lines[@]} -gt 0 ]; do
            printf '%s' "${lines[@]}" >&3
            sent=$((sent + ${#lines[@]}))
            echo $sent > /run/flow.sent
            sleep 0.2
        done
        """;

    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromMinutes(3);

    private readonly DebianMachine machine;
    private readonly InstalledLog log;
    private readonly string series;
    private readonly Stopwatch clock = Stopwatch.StartNew();

    private MachineFlow(DebianMachine machine, InstalledLog log, string series) => (this.machine, this.log, this.series) = (machine, log, series);

    /// <param name="machine">Its rsyslogd listens on TCP port 5514 (<see cref="MachineRsyslog"/>).</param>
    /// <param name="log">Where the lines have to arrive.</param>
    /// <param name="series">Begins the names of the hosts.</param>
    public static async Task<MachineFlow> StartAsync(DebianMachine machine, InstalledLog log, string series)
    {
        await machine.WriteAsync("/run/lines", string.Concat(Enumerable.Range(0, LinesMax).Select(n => NumberedLines.Line(series, n) + "\n")));
        await machine.WriteAsync("/run/flow.sh", Script);
        await machine.RunAsync("echo 0 > /run/flow.sent && systemd-run --quiet --unit=flow bash /run/flow.sh");
        return new(machine, log, series);
    }

    /// <summary>Waits until lines written after this call stand in the log: they do flow.</summary>
    public async Task FlowsAsync(string when)
    {
        var target = await SentAsync();
        Assert.True(target < LinesMax, "The machine took so long that no more lines are written.");
        await Wait.Until(async () => await log.LatestAsync(series) > target, $"lines flow when {when}", ArrivalLimit);
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:0} s, {target} lines: {when}");
    }

    /// <summary>Ends the flow, and waits for the last line: each stands in the log once and in order, and state and alerts are what they make.</summary>
    public async Task EndAsync()
    {
        await machine.RunAsync("touch /run/flow.end");
        await machine.UntilAsync("! systemctl --quiet is-active flow");
        var sent = await SentAsync();
        await Wait.Until(async () => (await log.NumbersAsync(series, sent)).Missing == 0, $"{sent} lines arrive", ArrivalLimit);
        var fold = await log.EqualsReferenceAsync();

        Assert.Equal((0, 0, 0), await log.NumbersAsync(series, sent));
        NumberedLines.MadeOf(fold, series, sent);
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:0} s: {sent} lines, none missing, doubled or out of order; {fold.Hosts.Count} hosts and {fold.Alerts.Count} alerts as one fold of the log");
    }

    private async Task<int> SentAsync() => int.Parse(await machine.AnswersAsync("cat /run/flow.sent"), CultureInfo.InvariantCulture);
}
