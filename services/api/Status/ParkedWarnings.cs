using System.Globalization;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Status;

/// <summary>Entries of the log that could not be applied and were put aside, and those of them that are gone: one sentence each with the remedy.</summary>
public sealed class ParkedWarnings(ParkedLog log, int partitions)
{
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        foreach (var group in ConsumerGroups.All)
        {
            var counts = await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => log.CountAsync(partition, group, cancellationToken)));
            var (waiting, lost) = (counts.Sum(count => count.Waiting), counts.Sum(count => count.Lost));
            if (waiting > 0) warnings.Add($"{Number(waiting)} events could not be applied by the {group} and are parked: `wgmonitor parked list` shows them. After an upgrade `wgmonitor parked retry --all` applies them");
            if (lost > 0) warnings.Add($"{Number(lost)} events that the {group} could not apply are lost, for there were more than {group}.parked_max: raise it. `wgmonitor parked discard --all` takes note");
        }
        return warnings;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
