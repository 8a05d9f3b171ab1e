using System.Globalization;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Status;

/// <summary>Partitions that cannot be archived: a sentence for each reason with the remedy.</summary>
public sealed class ArchiveFailureWarnings(IConnectionMultiplexer redis, StreamKeys keys, StreamOptions stream)
{
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var failures = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => ArchiveFailure.ReadAsync(redis, keys, partition, cancellationToken)));
        return [.. failures.OfType<ArchiveFailure>().GroupBy(failure => failure.Reason).Select(same => Sentence(same.Key, [.. same]))];
    }

    private static string Sentence(string reason, IReadOnlyList<ArchiveFailure> failures)
    {
        var partitions = string.Join(", ", failures.Select(failure => failure.Partition.ToString(CultureInfo.InvariantCulture)));
        var remedy = reason == "damaged" ? "Put the file that is named back from a copy, or move it away" : "Look at archive.directory: free space, rights, the disk itself";
        return string.Create(CultureInfo.InvariantCulture,
            $"partitions {partitions} cannot be archived since {failures.Min(failure => failure.Since):yyyy-MM-dd'T'HH:mm:ss'Z'}, and their log is not trimmed meanwhile: {failures[0].Message}. {remedy}");
    }
}
