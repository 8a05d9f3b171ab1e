using System.Globalization;
using StackExchange.Redis;

namespace WgMonitor.ReadModel;

/// <summary>What a collector knows of a host, to be found by its next run.</summary>
/// <param name="Host">Name.</param>
/// <param name="ReceivedAt">When its last line was received, give or take ten minutes; Unix microseconds.</param>
/// <param name="Usual">Usual time between two groups of lines, microseconds; 0 for without a pause.</param>
/// <param name="IsLearned">Heard often enough for <paramref name="Usual"/> to mean something.</param>
/// <param name="IsSilent">Told to be silent.</param>
/// <param name="IsAcknowledged">Its transport sends again what was not acknowledged.</param>
/// <param name="Trust">As a number of <c>TrustLevel</c>.</param>
public readonly record struct CollectorHost(string Host, long ReceivedAt, long Usual, bool IsLearned, bool IsSilent, bool IsAcknowledged, int Trust)
{
    internal string Text => string.Create(CultureInfo.InvariantCulture, $"{ReceivedAt} {Usual} {(IsLearned ? 1 : 0)} {(IsSilent ? 1 : 0)} {(IsAcknowledged ? 1 : 0)} {Trust}");

    internal static CollectorHost? Parse(string host, string text)
    {
        var parts = text.Split(' ');
        var numbers = new long[6];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (parts.Length < numbers.Length || !long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return new CollectorHost(host, numbers[0], numbers[1], numbers[2] != 0, numbers[3] != 0, numbers[4] != 0, (int)Math.Min(3, numbers[5]));
    }
}

/// <summary>What the last run of a collector left.</summary>
/// <param name="WholeUntil">Every line that it took up to here is safe, Unix microseconds; 0 when there was no run.</param>
/// <param name="Hosts">The hosts it heard.</param>
public sealed record CollectorRunRecord(long WholeUntil, IReadOnlyList<CollectorHost> Hosts);

/// <summary>
/// Where a collector leaves what its next run has to know: until when nothing was lost, and whom it heard. By the collector's name, which stays where
/// <see cref="CollectorStatus.Id"/> is new at every start. Throws what the Redis client throws.
/// </summary>
public sealed class CollectorRunStore(IConnectionMultiplexer redis, CollectorKeys keys)
{
    private const string WholeUntilField = "whole_until";
    private const string HostPrefix = "host:";

    /// <summary>A collector that does not come back is forgotten.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>What the run before left. Fields that are none of ours are passed over.</summary>
    public async Task<CollectorRunRecord> ReadAsync(string collector, CancellationToken cancellationToken)
    {
        var wholeUntil = 0L;
        var hosts = new List<CollectorHost>();
        foreach (var entry in await redis.GetDatabase().HashGetAllAsync(keys.Run(collector), CommandFlags.DemandMaster).WaitAsync(cancellationToken))
        {
            var name = entry.Name.ToString();
            if (name == WholeUntilField) entry.Value.TryParse(out wholeUntil);
            else if (name.StartsWith(HostPrefix, StringComparison.Ordinal) && CollectorHost.Parse(name[HostPrefix.Length..], entry.Value.ToString()) is { } host) hosts.Add(host);
        }
        return new(wholeUntil, hosts);
    }

    /// <summary>Writes what changed.</summary>
    public async Task WriteAsync(string collector, long wholeUntil, IReadOnlyList<CollectorHost> changed, IReadOnlyList<string> forgotten, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        var key = keys.Run(collector);
        if (forgotten.Count > 0) await database.HashDeleteAsync(key, [.. forgotten.Select(host => (RedisValue)(HostPrefix + host))]).WaitAsync(cancellationToken);
        HashEntry[] entries = [new(WholeUntilField, wholeUntil), .. changed.Select(host => new HashEntry(HostPrefix + host.Host, host.Text))];
        await database.HashSetAsync(key, entries).WaitAsync(cancellationToken);
        await database.KeyExpireAsync(key, Kept).WaitAsync(cancellationToken);
    }
}
