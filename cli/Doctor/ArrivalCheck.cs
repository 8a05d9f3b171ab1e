using System.Globalization;
using System.Net;
using WgMonitor.Api.Status;
using WgMonitor.Collector;
using WgMonitor.ReadModel;

namespace WgMonitor.Cli.Doctor;

/// <summary>
/// Do WireGuard lines arrive, and if not, how far do they come: nothing at the port, senders that are turned away, syslog without a WireGuard line, lines in words
/// that are not understood, or events that do not get into the log.
/// </summary>
internal static class ArrivalCheck
{
    private const string Name = "lines";

    private const string TurnOn = "On the VPN host, as root: echo 'module wireguard +p' > /sys/kernel/debug/dynamic_debug/control";

    /// <summary>A collector that has just started may still wait for its first answer of Redis.</summary>
    private const long FirstAppendMicroseconds = 5 * 1_000_000L;

    /// <param name="collectors">What running collectors say of themselves.</param>
    public static IEnumerable<Check> Of(IReadOnlyList<CollectorStatus> collectors)
    {
        if (collectors.Count == 0) return [Check.Bad("collector", "no collector has written its status lately", "Start one (`wgmonitor up` or `wgmonitor-collector`), or look at its log.")];
        var lines = Lines(collectors);
        // Who is turned away comes first: he may be the reason why there is no line. Where lines come, he is one of several senders.
        return [.. TurnedAway(collectors).Select(trouble => new Check("senders", lines.State == CheckState.Good ? CheckState.Warning : CheckState.Bad, trouble.Finding, trouble.Next)), lines, .. Appending(collectors)];
    }

    private static Check Lines(IReadOnlyList<CollectorStatus> collectors)
    {
        var received = collectors.Sum(collector => collector.Lines.Received);
        var events = collectors.Sum(collector => collector.Lines.Events);
        var unknown = collectors.Sum(collector => collector.Lines.Unrecognized);
        if (received == 0) return NoLine(collectors);
        if (events - unknown > 0) return Check.Good(Name, $"{Number(received)} received, {Number(events)} of them events");

        var notAllowed = NotAllowed(collectors);
        if (notAllowed == received) return Check.Bad(Name, $"{Number(received)} packets came, all from sources that are not allowed{From(collectors)}", SenderTroubles.Allow);
        var wording = unknown + Of(collectors, lines => lines.Rejected, LineOutcome.RejectedGrammar);
        if (wording > 0) return Check.Bad(Name, $"{Number(wording)} WireGuard lines came, in words that are not understood{Sample(collectors)}", "`wgmonitor explain LINE` says where it ends. Please report the line.");
        var looked = received - notAllowed;
        var otherKernel = Of(collectors, lines => lines.Ignored, LineOutcome.IgnoredNotWireGuard);
        if (otherKernel > 0) return Check.Bad(Name, $"{Number(looked)} lines came, {Number(otherKernel)} of a kernel, but none of its WireGuard module: dynamic debug is off, or no peer is active", TurnOn);
        var others = Of(collectors, lines => lines.Ignored, LineOutcome.IgnoredNotKernel);
        if (others > 0) return Check.Bad(Name, $"{Number(looked)} lines came, none of them the kernel's", "Let the hosts' syslog daemon send facility kern (rsyslog needs its module imklog, or imjournal).");
        return Check.Bad(Name, $"{Number(looked)} lines came, and none could be read{Sample(collectors)}", "Look at the samples in /api/v1/status; `wgmonitor explain LINE` says what is wrong with one.");
    }

    private static Check NoLine(IReadOnlyList<CollectorStatus> collectors)
    {
        var listeners = collectors.SelectMany(collector => collector.Listeners).ToList();
        var where = string.Join(", ", listeners.Select(listener => $"{listener.Protocol} {listener.Address}").Distinct());
        var connections = collectors.Sum(collector => collector.Connections?.Accepted ?? 0);
        if (connections > 0)
        {
            return Check.Bad(
                Name, $"{Number(connections)} connections came to {where}, and no line",
                SenderTroubles.Of(collectors).Any() ? "See under senders why they were closed." : "The sender connects and says nothing: does its rule choose the kernel's lines (rsyslog: kern.*)? A port probe looks the same.");
        }
        var onlyLocal = listeners.TrueForAll(listener => listener.Address.StartsWith("127.", StringComparison.Ordinal) || listener.Address.StartsWith("[::1]", StringComparison.Ordinal));
        return Check.Bad(
            Name, $"nothing has come to {where}",
            onlyLocal
                ? $"Other machines cannot reach a loopback address: set collector.listen.address, e.g. \"0.0.0.0:9999\".{TryHere(listeners)}"
                : $"Look at the sender's target and at firewalls on the way: tcpdump -n port {string.Join(" or port ", Ports(listeners))} shows what arrives.");
    }

    /// <summary>TLS and RELP are not spoken by logger.</summary>
    private static string TryHere(IReadOnlyList<CollectorListener> listeners) =>
        listeners.FirstOrDefault(listener => listener.Protocol is "udp" or "tcp") is { } plain && IPEndPoint.TryParse(plain.Address, out var address)
            ? $" Try it here with: logger --server {address.Address} --port {address.Port} --{plain.Protocol} test"
            : "";

    private static IEnumerable<string> Ports(IReadOnlyList<CollectorListener> listeners) =>
        listeners.Select(listener => listener.Address[(listener.Address.LastIndexOf(':') + 1)..]).Distinct();

    /// <summary>Of datagrams, all that is said in <see cref="Lines"/> is left out.</summary>
    private static IEnumerable<SenderTrouble> TurnedAway(IReadOnlyList<CollectorStatus> collectors)
    {
        foreach (var trouble in SenderTroubles.Of(collectors)) yield return trouble;
        var notAllowed = NotAllowed(collectors);
        if (notAllowed > 0 && notAllowed < collectors.Sum(collector => collector.Lines.Received))
            yield return new($"{Number(notAllowed)} lines came from sources that are not allowed{From(collectors)}", SenderTroubles.Allow);
    }

    private static IEnumerable<Check> Appending(IReadOnlyList<CollectorStatus> collectors)
    {
        var stuck = collectors.Where(collector => collector.Lines is { EventsWaiting: > 0, EventsAppended: 0 } && collector.WrittenAt - collector.StartedAt > FirstAppendMicroseconds).ToList();
        if (stuck.Count == 0) yield break;
        yield return Check.Bad(
            "appending", $"{Number(stuck.Sum(collector => collector.Lines.EventsWaiting))} events wait, and none has got into the log",
            "The collector's log says what Redis answers (\"not appended yet\"): a right that its user lacks, no memory left, or a key of another program under stream.prefix.");
    }

    private static long NotAllowed(IReadOnlyList<CollectorStatus> collectors) => Of(collectors, lines => lines.Dropped, LineOutcome.DroppedSourceNotAllowed);

    private static long Of(IReadOnlyList<CollectorStatus> collectors, Func<CollectorLines, IReadOnlyDictionary<string, long>> side, LineOutcome outcome) =>
        collectors.Sum(collector => side(collector.Lines).GetValueOrDefault(LineOutcomes.Reason(outcome)));

    private static string From(IReadOnlyList<CollectorStatus> collectors) =>
        collectors.SelectMany(collector => collector.Samples).FirstOrDefault(sample => sample.Reason == LineOutcomes.Reason(LineOutcome.DroppedSourceNotAllowed)) is { } sample ? $", the last from {sample.Source}" : "";

    private static string Sample(IReadOnlyList<CollectorStatus> collectors) =>
        collectors.SelectMany(collector => collector.Samples).Where(sample => sample.Kind != CollectorSample.Dropped).MaxBy(sample => sample.ReceivedAt) is { } sample ? $": \"{sample.Text}\" from {sample.Source}" : "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
