using System.Text;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Coverage;

/// <summary>
/// Read this first. Makes events of what the services know to be missing from a partition: entries removed at the ceiling before a reader had applied them, and an end of the
/// log that Redis lost and a reader missed. Nothing new → nothing; else claim the partition → write down what is to be told → append one event for each host of it, under a
/// number → write down that it is told. See docs/decisions/0011-gaps-are-told.md.
/// </summary>
/// <remarks>
/// Killed anywhere, the next one goes on with what is written down, under the same number, which the append script takes once. A rewind that several readers notice
/// is one: its event stands behind all that they had before.
/// </remarks>
internal sealed class LossTeller(
    IConnectionMultiplexer redis, StreamKeys keys, PartitionClaims claims, EventAppender appender, StateGenerations generations, LostEntriesReader losses, LogExtentReader extents, ProjectorMetrics metrics,
    TimeProvider time)
{
    private const string Producer = "losses";
    private const long Millisecond = 1_000;

    /// <summary>Tells what is new in a partition; returns how many events were appended.</summary>
    /// <exception cref="PartitionClaimException">Somebody else works here now, or Redis refused; the next round goes on.</exception>
    public async Task<int> TellAsync(int partition, CancellationToken cancellationToken)
    {
        if (await NextAsync(partition, cancellationToken) is null) return 0;
        await using var claim = await claims.TryClaimAsync(partition, ConsumerGroups.Losses);
        if (claim is null) return 0;
        var events = 0;
        // Under the claim it is read once more: somebody may have told it meanwhile.
        while (await NextAsync(partition, cancellationToken) is { } next)
        {
            var batch = claim.NewBatch();
            next.Write(batch, keys, partition);
            await claim.WriteAsync(batch, cancellationToken);
            if (await AppendAsync(partition, next.Open!, cancellationToken) is not { } appended) return events;
            events += appended;
            var last = next.Open!.Kind == EventKind.HistoryRewound ? (await extents.ReadAsync(partition, measure: false, cancellationToken)).Last : StreamId.Zero;
            batch = claim.NewBatch();
            (next with { Batch = next.Open.Number, Rewound = last > next.Rewound ? last : next.Rewound, Open = null }).Write(batch, keys, partition);
            await claim.WriteAsync(batch, cancellationToken);
        }
        return events;
    }

    /// <summary>What was begun, or else what is new; null for nothing.</summary>
    private async Task<ToldLosses?> NextAsync(int partition, CancellationToken cancellationToken)
    {
        var told = await ToldLosses.ReadAsync(redis, keys, partition, cancellationToken);
        if (told.Open is not null) return told;
        var (groups, entries) = await losses.ReadWithTotalAsync(partition, cancellationToken);
        var trimmed = groups.Where(lost => told.Trimmed.TryGetValue(lost.Group, out var known) && lost.Entries > known.Entries).ToList();
        if (!await AnyIsDueAsync(trimmed, told)) trimmed.Clear();
        var rewound = await LostHistory.ReadAsync(redis, keys, partition, cancellationToken);
        if (rewound is not null && rewound.Had < told.Rewound) rewound = null;
        if (trimmed.Count == 0 && rewound is null) return null;
        // Both memories of it: one of them may be gone.
        var number = Math.Max(told.Batch, await appender.ReadMarkAsync(partition, Producer, cancellationToken) ?? EventAppender.NumberLimit) + 1;
        if (number >= EventAppender.NumberLimit) return null;
        return rewound is not null ? told with { Rewound = rewound.Had.Next(), Open = Rewound(number, rewound) } : Trimmed(told, number, entries, trimmed);
    }

    // A loss that goes on is told again when its reader does: what is told stands in the same log, and would itself push further entries over the ceiling.
    private async Task<bool> AnyIsDueAsync(List<LostEntries> trimmed, ToldLosses told)
    {
        foreach (var lost in trimmed)
        {
            var known = told.Trimmed[lost.Group];
            if (known.Entries == 0 || lost.After != known.After || await claims.ReadCheckpointAsync(lost.Partition, lost.Group) > lost.Until) return true;
        }
        return false;
    }

    private static ToldLosses Trimmed(ToldLosses told, long number, long entries, List<LostEntries> lost)
    {
        var trimmed = told.Trimmed.ToDictionary(StringComparer.Ordinal);
        foreach (var loss in lost) trimmed[loss.Group] = new(loss.Entries, loss.After);
        return told with
        {
            Entries = entries,
            Trimmed = trimmed,
            Open = new(
                number, EventKind.EntriesTrimmed, lost.Min(loss => loss.After == StreamId.Zero ? loss.Until.Milliseconds : loss.After.Milliseconds) * Millisecond, lost.Max(loss => loss.Until.Milliseconds) * Millisecond,
                entries - told.Entries),
        };
    }

    private static UntoldLoss Rewound(long number, LostHistory rewound)
    {
        var whole = rewound.Found == StreamId.Zero || rewound.Found > rewound.Had ? rewound.Had : rewound.Found;
        return new(number, EventKind.HistoryRewound, whole.Milliseconds * Millisecond, rewound.FoundAt.ToUnixTimeMilliseconds() * Millisecond, 0);
    }

    /// <summary>How many events stand in the log now; null when they may not.</summary>
    private async Task<int?> AppendAsync(int partition, UntoldLoss loss, CancellationToken cancellationToken)
    {
        var reader = new HostStateReader(redis, await generations.LiveKeysAsync(partition, cancellationToken));
        var batch = new EventBatch();
        foreach (var name in (await reader.ReadHostNamesAsync(partition, cancellationToken)).Order(StringComparer.Ordinal))
        {
            // A key of somebody may stand among ours.
            if (Partitioner.PartitionOf(Encoding.UTF8.GetBytes(name), claims.Partitions) != partition) continue;
            var trust = (await reader.ReadHostAsync(partition, name, cancellationToken))?.Trust ?? TrustLevel.Udp;
            batch.Add(EventOf(loss, new(name, UnixMicroseconds.Now(time), UnixMicroseconds.Now(time), Trust: trust)));
        }
        // Nobody is known whom it could concern.
        if (batch.Count == 0) return 0;
        var outcome = await appender.AppendAsync(partition, Producer, loss.Number, batch, cancellationToken);
        if (outcome is not (AppendOutcome.Appended or AppendOutcome.AlreadyAppended)) return null;
        metrics.LossTold(loss.Kind, partition, batch.Count);
        return batch.Count;
    }

    private static CoverageEvent EventOf(UntoldLoss loss, EventHeader header) => loss.Kind == EventKind.HistoryRewound
        ? new HistoryRewound(header, loss.From, loss.To)
        : new EntriesTrimmed(header, loss.Count, loss.From, loss.To);
}
