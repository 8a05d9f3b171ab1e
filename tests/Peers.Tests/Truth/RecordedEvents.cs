using System.Globalization;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Testing;

namespace WgMonitor.Peers.Tests.Truth;

/// <summary>An event, and when its line was really printed: seconds since 1970 by the clock that took the samples.</summary>
internal sealed record RecordedEvent(double PrintedEpoch, WireGuardEvent Event);

/// <summary>The datagrams of a run as events: times of the header, as the product would have them.</summary>
internal static class RecordedEvents
{
    private const string Kernel = " kernel - - - ";

    public static IReadOnlyList<RecordedEvent> Of(CorpusRun run)
    {
        var clock = RecordedClock.Of(run);
        var log = new KernelLog(run.Hostname);
        var events = new List<RecordedEvent>();
        foreach (var datagram in run.Datagrams(SyslogTemplate.SyslogProtocol23))
        {
            // <7>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - [   13.115771] wireguard: ...
            var text = Encoding.Latin1.GetString(datagram.Bytes.Span).TrimEnd('\n');
            var kernel = text.IndexOf(Kernel, StringComparison.Ordinal);
            if (kernel < 0) continue;
            var time = DateTimeOffset.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);
            var at = (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            if (log.Event(Encoding.Latin1.GetBytes(text[(kernel + Kernel.Length)..]), at, datagram.ReceivedMicroseconds) is not { } e) continue;
            events.Add(new RecordedEvent(e.Header.Uptime is { } uptime ? clock.EpochOf(uptime) : at / 1e6, e));
        }
        return events;
    }
}
