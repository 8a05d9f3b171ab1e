using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Api.Status;

/// <summary>Partitions of which Redis lost the end, in the last week.</summary>
internal sealed class HistoryWarnings(IConnectionMultiplexer redis, StreamKeys keys, StreamOptions stream)
{
    /// <summary>A sentence a partition.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var lost = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => LostHistory.ReadAsync(redis, keys, partition, cancellationToken)));
        return [.. lost.OfType<LostHistory>().Select(Sentence)];
    }

    private static string Sentence(LostHistory lost) => string.Create(CultureInfo.InvariantCulture,
        $"partition {lost.Partition}: Redis lost history, found at {lost.FoundAt:yyyy-MM-dd'T'HH:mm:ss'Z'}: it ended at {lost.Found} and had been at {lost.Had}. Collectors with a spool sent again what they still held; the rest of what came in between is missing");
}
