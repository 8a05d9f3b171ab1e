using System.Globalization;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Status;

/// <summary>What was lost at the ceiling of the log, and why it may not be trimmed: each as one sentence with the remedy.</summary>
internal sealed class RetentionWarnings(LostEntriesReader lost, LogExtentReader extents, StreamOptions stream)
{
    /// <summary>A loss stays written down for ever; it is news for a week.</summary>
    private static readonly TimeSpan NewsFor = TimeSpan.FromDays(7);

    /// <summary>IDs are never ahead of the clock they are taken from; a little is left for one that is being slewed.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var partitions = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => ReadAsync(partition, cancellationToken)));
        return [.. partitions.SelectMany(warnings => warnings)];
    }

    private async Task<IReadOnlyList<string>> ReadAsync(int partition, CancellationToken cancellationToken)
    {
        var log = await extents.ReadAsync(partition, measure: false, cancellationToken);
        var warnings = new List<string>();
        foreach (var loss in await lost.ReadAsync(partition, cancellationToken))
        {
            if (loss.Group == ConsumerGroups.Base)
                warnings.Add($"the base snapshot of partition {partition} is incomplete: {Number(loss.Entries)} events before {loss.Until} are not in it. wgmonitor replay --from-archive makes it anew");
            else if (log.Now - loss.At < NewsFor.TotalMilliseconds)
                warnings.Add($"{Number(loss.Entries)} events of partition {partition} were removed before {loss.Group} had applied them, between {loss.After} and {loss.Until}: the log had reached stream.ceiling_entries_max. {Remedy(loss.Group)}");
        }
        var ahead = log.Last.Milliseconds - log.Now;
        if (stream.RetentionAge > TimeSpan.Zero && ahead > AheadMax.TotalMilliseconds)
            warnings.Add($"partition {partition} is not trimmed by age: its newest event is {Number(ahead / 1000)} s ahead of the clock of Redis, which went back. It ends by itself when the clock has caught up");
        return warnings;
    }

    private static string Remedy(string group) => group switch
    {
        ConsumerGroups.Projector => "What it knows of their hosts is incomplete; wgmonitor replay --accept-differences gives it what it missed",
        ConsumerGroups.Archive => "They are in no file; look at the disk of archive.directory",
        _ => "Alerts that rest on them were not raised",
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
