using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Coverage;

/// <summary>A loss on its way to the hosts of a partition. Written down before it is told, so that whoever goes on tells the same under the same number.</summary>
/// <param name="Number">Of the batch that tells it.</param>
/// <param name="Kind"><see cref="EventKind.EntriesTrimmed"/> or <see cref="EventKind.HistoryRewound"/>.</param>
/// <param name="From">Begin of the interval, Unix microseconds.</param>
/// <param name="To">Its end.</param>
/// <param name="Count">Entries trimmed; 0 otherwise.</param>
internal sealed record UntoldLoss(long Number, EventKind Kind, long From, long To, long Count);

/// <summary>How much of what a reader lost at the ceiling is told, or about to be.</summary>
/// <param name="Entries">Entries.</param>
/// <param name="After">Where the latest loss began; one that begins there too goes on.</param>
internal readonly record struct ToldTrim(long Entries, StreamId After);

/// <summary>What of the losses of a partition its hosts were told.</summary>
/// <param name="Batch">Number of the last batch.</param>
/// <param name="Entries">Entries trimmed before one reader or another had applied them.</param>
/// <param name="Trimmed">For each reader.</param>
/// <param name="Rewound">A position behind the rewind that was told last, or is about to be: whoever had less before it means the same one.</param>
/// <param name="Open">What is about to be told; null for nothing.</param>
internal sealed record ToldLosses(long Batch, long Entries, IReadOnlyDictionary<string, ToldTrim> Trimmed, StreamId Rewound, UntoldLoss? Open)
{
    /// <summary>Hash: <c>batch</c>, <c>entries</c>, <c>rewound</c>, for each reader <c>GROUP:entries</c> and <c>GROUP:after</c>, and of what is about to be told <c>open</c> (its number, empty for none), <c>kind</c>, <c>from</c>, <c>to</c>, <c>count</c>.</summary>
    public static string KeyOf(StreamKeys keys, int partition) => keys.InPartition(partition, "told");

    public static async Task<ToldLosses> ReadAsync(IConnectionMultiplexer redis, StreamKeys keys, int partition, CancellationToken cancellationToken)
    {
        var stored = (await redis.GetDatabase().HashGetAllAsync(KeyOf(keys, partition), CommandFlags.DemandMaster).WaitAsync(cancellationToken))
            .ToDictionary(field => field.Name.ToString(), field => field.Value.ToString(), StringComparer.Ordinal);
        long Number(string name) => long.TryParse(stored.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var open = Number("open") is > 0 and var number && Enum.TryParse<EventKind>(stored.GetValueOrDefault("kind"), out var kind)
            ? new UntoldLoss(number, kind, Number("from"), Number("to"), Number("count"))
            : null;
        StreamId Id(string name) => StreamId.TryParse(stored.GetValueOrDefault(name), out var id) ? id : StreamId.Zero;
        var trimmed = ConsumerGroups.All.ToDictionary(group => group, group => new ToldTrim(Number($"{group}:entries"), Id($"{group}:after")), StringComparer.Ordinal);
        return new(Number("batch"), Number("entries"), trimmed, Id("rewound"), open);
    }

    public void Write(FencedBatch batch, StreamKeys keys, int partition) => batch.SetHash(KeyOf(keys, partition),
    [
        EventField.Of("batch", Batch), EventField.Of("entries", Entries), EventField.Of("rewound", Rewound.ToString()),
        .. Trimmed.SelectMany(reader => new[] { EventField.Of($"{reader.Key}:entries", reader.Value.Entries), EventField.Of($"{reader.Key}:after", reader.Value.After.ToString()) }),
        EventField.Of("open", Open?.Number ?? 0), EventField.Of("kind", Open?.Kind.ToString() ?? ""), EventField.Of("from", Open?.From ?? 0), EventField.Of("to", Open?.To ?? 0),
        EventField.Of("count", Open?.Count ?? 0),
    ]);
}
