namespace WgMonitor.Hosting;

/// <summary>A setting of a server with which the event log does not survive.</summary>
/// <param name="Setting">Its name in redis.conf, also the metric label.</param>
/// <param name="Sentence">Goes on behind the name of the server; says the remedy.</param>
public readonly record struct RedisFault(string Setting, string Sentence);

/// <summary>Judges a server by its <c>INFO</c>.</summary>
public static class RedisDurability
{
    /// <summary>All settings that are judged.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["appendonly", "maxmemory-policy"];

    /// <summary>What is wrong; nothing when all is well.</summary>
    public static IEnumerable<RedisFault> FaultsOf(IReadOnlyDictionary<string, string> info)
    {
        if (info.GetValueOrDefault("aof_enabled") == "0")
            yield return new("appendonly", "keeps no append-only file: a restart loses the event log. Set appendonly yes");
        if (info.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
            yield return new("maxmemory-policy", $"may evict the event log (maxmemory-policy {policy}). Set maxmemory-policy noeviction");
    }
}
