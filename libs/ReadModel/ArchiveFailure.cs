using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>A partition cannot be archived, as the projector that tried wrote it down. Its log is not trimmed meanwhile, up to the ceiling.</summary>
/// <param name="Partition">0 to partitions - 1.</param>
/// <param name="Reason"><c>disk</c> or <c>damaged</c>.</param>
/// <param name="Since">When it failed first.</param>
/// <param name="Message">What the system said, escaped.</param>
public sealed record ArchiveFailure(int Partition, string Reason, DateTimeOffset Since, string Message)
{
    /// <summary>How long after the last try it is told: longer than the rounds of the projector are apart at most.</summary>
    public static TimeSpan ToldFor { get; } = TimeSpan.FromDays(2);

    private static readonly RedisValue[] Fields = ["reason", "since", "message"];

    /// <summary>Hash: <c>reason</c>, <c>since</c> and <c>at</c> (Unix milliseconds of who wrote it), <c>message</c>.</summary>
    public static string KeyOf(StreamKeys keys, int partition) => keys.InPartition(partition, "archive-failure");

    /// <summary>What fails now; null for nothing. Throws what the client throws.</summary>
    public static async Task<ArchiveFailure?> ReadAsync(IConnectionMultiplexer redis, StreamKeys keys, int partition, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await redis.GetDatabase().HashGetAsync(KeyOf(keys, partition), Fields).WaitAsync(cancellationToken);
            if (!long.TryParse(stored[1].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var since) || since > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return null;
            return new(partition, stored[0].ToString(), DateTimeOffset.FromUnixTimeMilliseconds(since), stored[2].ToString());
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return null;
        }
    }
}
