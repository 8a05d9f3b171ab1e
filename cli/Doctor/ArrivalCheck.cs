using System.Globalization;
using WgMonitor.Collector;
using WgMonitor.ReadModel;

namespace WgMonitor.Cli.Doctor;

/// <summary>
/// Do WireGuard lines arrive, and if not, how far do they come: nothing at the port, packets of sources that are not allowed, syslog without a WireGuard line,
/// or lines in words that are not understood.
/// </summary>
internal static class ArrivalCheck
{
    private const string Name = "lines";

    private const string TurnOn = "On the VPN host, as root: echo 'module wireguard +p' > /sys/kernel/debug/dynamic_debug/control";

    /// <param name="collectors">What running collectors say of themselves.</param>
    public static Check Of(IReadOnlyList<CollectorStatus> collectors)
    {
        if (collectors.Count == 0) return Check.Bad("collector", "no collector has written its status lately", "Start one (`wgmonitor up` or `wgmonitor-collector`), or look at its log.");
        var received = collectors.Sum(collector => collector.Lines.Received);
        var events = collectors.Sum(collector => collector.Lines.Events);
        var unknown = collectors.Sum(collector => collector.Lines.Unrecognized);
        if (received == 0) return NothingAtThePort(collectors);
        if (events - unknown > 0) return Check.Good(Name, $"{Number(received)} received, {Number(events)} of them events");

        var notAllowed = Of(collectors, lines => lines.Dropped, LineOutcome.DroppedSourceNotAllowed);
        if (notAllowed == received) return Check.Bad(Name, $"{Number(received)} packets came, all from sources that are not allowed{From(collectors)}", "Add the hosts' addresses to collector.allow.");
        var wording = unknown + Of(collectors, lines => lines.Rejected, LineOutcome.RejectedGrammar);
        if (wording > 0) return Check.Bad(Name, $"{Number(wording)} WireGuard lines came, in words that are not understood{Sample(collectors)}", "`wgmonitor explain LINE` says where it ends. Please report the line.");
        var otherKernel = Of(collectors, lines => lines.Ignored, LineOutcome.IgnoredNotWireGuard);
        if (otherKernel > 0) return Check.Bad(Name, $"{Number(received)} lines came, {Number(otherKernel)} of a kernel, but none of its WireGuard module: dynamic debug is off, or no peer is active", TurnOn);
        var others = Of(collectors, lines => lines.Ignored, LineOutcome.IgnoredNotKernel);
        if (others > 0) return Check.Bad(Name, $"{Number(received)} lines came, none of them the kernel's", "Let the hosts' syslog daemon send facility kern (rsyslog needs its module imklog, or imjournal).");
        return Check.Bad(Name, $"{Number(received)} lines came, and none could be read{Sample(collectors)}", "Look at the samples in /api/v1/status; `wgmonitor explain LINE` says what is wrong with one.");
    }

    private static Check NothingAtThePort(IReadOnlyList<CollectorStatus> collectors)
    {
        var listeners = collectors.SelectMany(collector => collector.Listeners).ToList();
        var where = string.Join(", ", listeners.Select(listener => $"{listener.Protocol} {listener.Address}").Distinct());
        var onlyLocal = listeners.TrueForAll(listener => listener.Address.StartsWith("127.", StringComparison.Ordinal) || listener.Address.StartsWith("[::1]", StringComparison.Ordinal));
        return Check.Bad(
            Name, $"nothing has come to {where}",
            onlyLocal
                ? "Other machines cannot reach a loopback address: set collector.listen.address, e.g. \"0.0.0.0:9999\". Try it here with: logger --server 127.0.0.1 --port 9999 --udp test"
                : "Look at the sender's target and at firewalls on the way: tcpdump -n port 9999 shows what arrives.");
    }

    private static long Of(IReadOnlyList<CollectorStatus> collectors, Func<CollectorLines, IReadOnlyDictionary<string, long>> side, LineOutcome outcome) =>
        collectors.Sum(collector => side(collector.Lines).GetValueOrDefault(LineOutcomes.Reason(outcome)));

    private static string From(IReadOnlyList<CollectorStatus> collectors) =>
        collectors.SelectMany(collector => collector.Samples).FirstOrDefault(sample => sample.Reason == LineOutcomes.Reason(LineOutcome.DroppedSourceNotAllowed)) is { } sample ? $", the last from {sample.Source}" : "";

    private static string Sample(IReadOnlyList<CollectorStatus> collectors) =>
        collectors.SelectMany(collector => collector.Samples).Where(sample => sample.Kind != CollectorSample.Dropped).MaxBy(sample => sample.ReceivedAt) is { } sample ? $": \"{sample.Text}\" from {sample.Source}" : "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
