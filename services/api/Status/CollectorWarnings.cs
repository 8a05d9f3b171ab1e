using System.Globalization;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Status;

/// <summary>What an operator should look at, by what collectors say of themselves: each as one sentence with the remedy.</summary>
public static class CollectorWarnings
{
    public static IEnumerable<string> Of(IReadOnlyList<CollectorStatus> collectors) => collectors.Count == 0
        ? ["no collector has written its status lately: start one, or look at its log"]
        : collectors.SelectMany(Of);

    private static IEnumerable<string> Of(CollectorStatus collector)
    {
        var lines = collector.Lines;
        var who = $"collector {collector.Id} on {collector.Machine}";
        if (lines.Dropped.Count > 0) yield return $"{who}: lines were dropped: {Counted(lines.Dropped)}{(lines.Limits.Count == 0 ? "" : $"; by limit: {Counted(lines.Limits)}")}";
        if (lines.EventsLost > 0) yield return $"{who}: {Number(lines.EventsLost)} events were lost before they were appended";
        foreach (var warning in collector.Spool is { } spool ? Of(spool) : []) yield return $"{who}: {warning}";
        foreach (var listener in collector.Listeners.Where(listener => listener.SocketDrops > 0))
            yield return $"{who}: socket drops: the kernel threw away {Number(listener.SocketDrops)} datagrams at {listener.Protocol} {listener.Address}. Raise receive_buffer_bytes and net.core.rmem_max, or send over TCP";
        if (lines.Unrecognized > 0) yield return $"{who}: unknown wording seen in {Number(lines.Unrecognized)} WireGuard lines: look at the samples, and report them";
        if (lines.ClaimedHosts > 0) yield return $"{who}: {Number(lines.ClaimedHosts)} lines name another host than the one they were taken for: look at claimed_host in the events";
    }

    private static IEnumerable<string> Of(CollectorSpoolStatus spool)
    {
        if (!spool.Writable) yield return "the disk refuses what is spooled, lines are only as safe as in memory: look at its free space and health";
        if (spool.Full) yield return "the spool is full: Redis is away or too slow, or collector.spool.bytes_max is too small";
        if (spool.DroppedEvents > 0) yield return $"{Number(spool.DroppedEvents)} spooled events were given up";
        if (spool.DamagedRecords > 0) yield return $"{Number(spool.DamagedRecords)} records of the spool were damaged and skipped";
    }

    private static string Counted(IReadOnlyDictionary<string, long> reasons) => string.Join(", ", reasons.OrderByDescending(reason => reason.Value).Select(reason => $"{reason.Key} {Number(reason.Value)}"));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
