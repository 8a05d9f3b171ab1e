using System.Net;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>What one primary says of itself.</summary>
/// <param name="Node">Its address as the client knows it.</param>
/// <param name="Info">Reply of <c>INFO</c>, by name; where a name stands there twice, the first.</param>
public sealed record RedisPrimary(EndPoint Node, IReadOnlyDictionary<string, string> Info);

/// <summary>The servers that take writes: one, or all primaries of a cluster. What holds for the log must hold on each of them.</summary>
public static class RedisPrimaries
{
    private const string AskInfo = "#!lua flags=no-writes,allow-stale\nreturn redis.call('INFO')";

    /// <summary>Reads <c>INFO</c> of every primary that is connected; empty while there is none. Throws what the client throws.</summary>
    public static async Task<IReadOnlyList<RedisPrimary>> ReadAsync(IConnectionMultiplexer redis, CancellationToken cancellationToken)
    {
        var servers = redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false });
        var read = await Task.WhenAll(servers.Select(async server =>
            // By way of a script: the client counts INFO among the administrator's commands, which this connection may not use.
            new RedisPrimary(server.EndPoint, Parse((string?)await server.ExecuteAsync("EVAL", AskInfo, 0).ConfigureAwait(false) ?? ""))))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        // In a cluster each half knows what it takes writes for; elsewhere a server that was a replica when we connected may say so only now.
        return [.. read.Where(primary => primary.Info.GetValueOrDefault("role") == "master")];
    }

    private static Dictionary<string, string> Parse(string text) => text.Split("\r\n")
        .Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
        .GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => pairs.First()[1]); // "module" stands there once a module
}
