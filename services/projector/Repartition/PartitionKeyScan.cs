using System.Text.RegularExpressions;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>All keys of partitions under a prefix, on every primary.</summary>
internal sealed partial class PartitionKeyScan(IConnectionMultiplexer redis)
{
    private const int AtOnce = 500;
    private const int ToldMax = 10;

    /// <summary>Keys that nobody knows how to move; the first few.</summary>
    public async Task<IReadOnlyList<string>> UnknownAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        var unknown = new List<string>();
        await foreach (var key in KeysAsync(keys.Prefix, cancellationToken))
        {
            if (!Known().IsMatch(key[(key.IndexOf("}:", StringComparison.Ordinal) + 2)..])) unknown.Add(key);
            if (unknown.Count == ToldMax) break;
        }
        return unknown;
    }

    /// <summary>Every key of the partitions under a prefix, some perhaps twice.</summary>
    public async IAsyncEnumerable<string> KeysAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var server in redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(redis.GetDatabase().Database, $"{prefix}:{{p*}}:*", AtOnce).WithCancellation(cancellationToken)) yield return key.ToString();
        }
    }

    public async Task DeleteAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        await ForEachAsync(keys.Prefix, key => database.ExecuteAsync("UNLINK", [(RedisKey)key], CommandFlags.DemandMaster), cancellationToken);
    }

    /// <summary>Gives every key under one prefix its name under the other; the rest of the name, and with it the slot of a cluster, stays.</summary>
    public async Task RenameAsync(StreamKeys from, StreamKeys to, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        await ForEachAsync(from.Prefix, async key =>
        {
            try
            {
                await database.KeyRenameAsync(key, to.Prefix + key[from.Prefix.Length..], flags: CommandFlags.DemandMaster);
            }
            catch (RedisServerException exception) when (exception.Message.Contains("no such key", StringComparison.Ordinal))
            {
                // A scan may give a key twice.
            }
        }, cancellationToken);
    }

    // Until a whole scan finds none.
    private async Task ForEachAsync(string prefix, Func<string, Task> action, CancellationToken cancellationToken)
    {
        bool found;
        do
        {
            found = false;
            await foreach (var chunk in ChunksAsync(prefix, cancellationToken))
            {
                found = true;
                await Task.WhenAll(chunk.Select(action)).WaitAsync(cancellationToken);
            }
        }
        while (found);
    }

    private async IAsyncEnumerable<IReadOnlyList<string>> ChunksAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new List<string>(AtOnce);
        await foreach (var key in KeysAsync(prefix, cancellationToken))
        {
            chunk.Add(key);
            if (chunk.Count < AtOnce) continue;
            yield return chunk;
            chunk = new(AtOnce);
        }
        if (chunk.Count > 0) yield return chunk;
    }

    /// <summary>What is moved, folded anew, or means nothing any more in other partitions.</summary>
    [GeneratedRegex("^(events|alerts|alert:.*|(parked|parked-taken|passed):.*|lost|rewound|told|archive-failure|generation|history(|:.*)|notifier:cursors|(lease|checkpoint|producer):.*|(|g[0-9]+:|base:|notifier:)((peer|host):.*|peers|hosts))$")]
    internal static partial Regex Known();
}
